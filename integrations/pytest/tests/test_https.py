"""Webhooks to https targets: what is only tunnelled, and what is opened."""

import subprocess
import sys

import pytest
import requests
from pytest_faultline import ScenarioError
from senders import deliver


@pytest.fixture
def faultline_settings(https_target):
    return {"target": {"ca_file": str(https_target[1])}, "limits": {"held": 7}}


def test_an_opened_connection_is_broken_like_any_other(faultline, https_target):
    url, _ = https_target
    faultline.intercept("localhost")
    faultline.rule(attempt="1-2", status=503)
    faultline.expect(delivered="100%")
    assert deliver(url, "wh_1")
    assert [attempt.answer.status for attempt in faultline.attempts] == [503, 503, 200]
    assert {attempt.placement for attempt in faultline.attempts} == {"intercept"}
    assert faultline.verdict.passed


def test_without_a_name_what_a_rule_looks_into_is_opened(faultline, https_target):
    url, _ = https_target
    faultline.intercept()
    faultline.rule(host="localhost", path="/hook", attempt=1, status=503)
    assert deliver(url, "wh_1", tries=2)
    assert len(faultline.attempts) == 2


def test_a_process_of_its_own_trusts_it_too(faultline, https_target):
    url, _ = https_target
    faultline.intercept("localhost")
    faultline.rule(status=418)
    code = f"import urllib.request as r\ntry: r.urlopen(r.Request({url!r}, b'a'))\nexcept r.HTTPError as e: print(e.code)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "418\n"


def test_a_tunnel_is_not_looked_into(faultline, https_target):
    url, ca = https_target
    faultline.rule(status=503)
    assert requests.post(url, data="a", verify=str(ca)).status_code == 200
    assert faultline.attempts == []


def test_what_was_given_at_the_start_stays(faultline):
    faultline.scenario(limits={"held": 7})
    with pytest.raises(ScenarioError, match="limits: needs a restart"):
        faultline.scenario(limits={"held": 8})
