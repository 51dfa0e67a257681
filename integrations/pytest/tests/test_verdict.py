"""What a test of a sender says about it."""

import pytest
from senders import deliver


@pytest.mark.parametrize("fault", [{"status": 503}, {"reset": True}, {"deliver_first": True, "close": True}], ids=lambda fault: " ".join(fault))
def test_a_sender_that_retries_passes(faultline, target, fault):
    faultline.rule(attempt="1-2", **fault)
    faultline.expect(delivered="100%", min_attempts=3, max_attempts=4)

    assert deliver(target.url, "wh_1")

    assert [attempt.attempt for attempt in faultline.attempts] == [1, 2, 3]
    assert [attempt.rules for attempt in faultline.attempts] == [["rule 1"], ["rule 1"], []]
    assert faultline.attempts[0].request.header["Webhook-Id"] == ["wh_1"]
    assert faultline.attempts[0].request.body == '{"event": "wh_1"}'
    assert faultline.attempts[2].answer.status == 200
    assert target.received == ["wh_1"] * (3 if "deliver_first" in fault else 1)
    assert faultline.verdict.passed, faultline.verdict.text
    assert [(delivery.key, delivery.state) for delivery in faultline.deliveries] == [("wh_1", "acknowledged")]


def test_a_sender_that_takes_any_answer_fails(faultline, target):
    faultline.rule(attempt=1, header={"Webhook-Id": "broken_*"}, reset=True)
    faultline.rule(attempt=1, status=503)
    faultline.expect(delivered="100%")

    for n in range(4):
        deliver(target.url, f"broken_{n}", check_status=False)
        deliver(target.url, f"refused_{n}", check_status=False)

    verdict = faultline.verdict
    assert verdict.result == "fail" and not verdict.passed
    assert (verdict.deliveries.acknowledged, verdict.deliveries.lost) == (4, 4)
    assert [defect.name for defect in verdict.defects] == ["not retried after a non-200 answer"]
    assert "raise_for_status() is missing" in verdict.text
    assert {check.name: check.result for check in verdict.checks}["delivered"] == "fail"
    assert sorted(delivery.key for delivery in faultline.deliveries if delivery.state == "lost") == [f"refused_{n}" for n in range(4)]


def test_no_traffic_is_no_pass(faultline):
    faultline.expect(delivered="100%")
    assert faultline.verdict.result == "inconclusive"
    assert not faultline.verdict.passed


def test_the_assertion_says_why(pytester, target):
    pytester.makeconftest('pytest_plugins = ["pytest_faultline"]')
    pytester.makepyfile(f"""
        from senders import deliver

        def test_sender(faultline):
            faultline.rule(attempt=1, status=503)
            faultline.expect(delivered="100%")
            deliver("{target.url}", "wh_1", check_status=False)
            assert faultline.verdict.passed

        def test_nothing(faultline):
            assert faultline.verdict.passed
    """)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=2)
    result.stdout.re_match_lines([
        r"E  .* where False = FAIL 0 of 1 delivery arrived, 1 lost.* cause not retried after a non-200 answer",
        r"-+ faultline -+",
        r".*wh_1 #1 POST .* 503  \[rule 1\]",
        r"  mend    response\.raise_for_status\(\)",
        r"E  .* where False = INCONCLUSIVE no attempt came through faultline",
    ])
