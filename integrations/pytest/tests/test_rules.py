"""How calls become a scenario."""

import datetime
import json
import subprocess

import pytest
import requests
from pytest_faultline import ProxyError, ScenarioError, scenario
from pytest_faultline.proxy import binary
from senders import deliver


@pytest.mark.parametrize("keys, said", [
    ({"atempt": 1, "status": 503}, "rule[0].atempt: unknown key"),
    ({"when": {"atempt": 1}, "status": 503}, 'did you mean "attempt"?'),
    ({"attempt": 1, "stats": 503}, 'did you mean "status"?'),
    ({"attempt": "often", "status": 503}, "rule[0].when.attempt"),
    ({"attempt": 1}, "rule[0]"),
])
def test_a_wrong_rule_raises_what_faultline_says(faultline, keys, said):
    with pytest.raises(ScenarioError) as refused:
        faultline.rule(**keys)
    assert said in str(refused.value)
    faultline.rule(attempt=1, status=503)  # the wrong one is not kept


def test_rules_can_be_added_while_it_runs(faultline, target):
    assert requests.post(target.url, data="a").status_code == 200
    faultline.rule(name="teapot", path="/hook", status=418)
    assert requests.post(target.url, data="b").status_code == 418
    assert [attempt.rules for attempt in faultline.attempts] == [[], ["teapot"]]


def test_nothing_can_be_added_after_the_verdict(faultline):
    assert not faultline.verdict.passed
    with pytest.raises(ProxyError, match="has stopped"):
        faultline.rule(status=503)


def test_keys_that_python_keeps_to_itself(faultline, target):
    faultline.rule(path="/health", pass_=True)
    faultline.rule(for_="1h", one_of=[{"weight": 1, "status": 500}, {"weight": 3, "status": {"code": 503, "retry_after": "30s"}}])
    answer = requests.post(target.url, data="a")
    assert answer.status_code in (500, 503)


def test_what_a_webhook_is(faultline, target):
    faultline.delivery(path="/hook", key=["json:event"])
    faultline.rule(status=503)
    assert requests.post(target.url.replace("/hook", "/other"), data="a").status_code == 200
    assert not deliver(target.url, "evt_1", tries=1)
    assert [(attempt.key, attempt.key_from) for attempt in faultline.attempts] == [("evt_1", "json:event")]


def test_other_settings(faultline, target):
    faultline.scenario(phase=[{"name": "outage", "for": "1h"}, {"name": "after"}])
    faultline.rule(phase="outage", status=503)
    assert requests.post(target.url, data="a").status_code == 503
    assert faultline.attempts[0].phase == "outage"


def test_settings_of_the_process_are_refused(faultline, target):
    with pytest.raises(ScenarioError, match="limits: needs a restart"):
        faultline.scenario(limits={"held": 7})
    faultline.rule(status=503)
    assert requests.post(target.url, data="a").status_code == 503


def test_a_gateway_stands_for_a_target(faultline, target):
    gateway = faultline.gateway(target.url.replace("/hook", ""))
    faultline.rule(placement="gateway", attempt=1, status=503)
    assert deliver(gateway + "/hook", "wh_1", tries=2)
    with requests.Session() as without_proxy:
        without_proxy.trust_env = False
        assert without_proxy.post(gateway + "/hook", data="a", headers={"Webhook-Id": "wh_2"}).status_code == 503
    assert target.received == ["wh_1"]
    assert [attempt.placement for attempt in faultline.attempts] == ["gateway"] * 3


def test_the_keys_are_those_of_the_schema():
    schema = json.loads(subprocess.run([binary(), "validate", "--schema"], check=True, capture_output=True).stdout)
    rule = schema["definitions"]["rule"]["properties"]
    assert set(rule["match"]["properties"]) == scenario.MATCH
    assert set(rule["when"]["properties"]) == scenario.WHEN
    assert not (scenario.MATCH | scenario.WHEN) & set(rule), "a name would have two places"


def test_the_text_is_toml():
    tomllib = pytest.importorskip("tomllib")
    told = {
        "name": 'test_x[é "\\ \n \x01 \x7f 😀]', "seed": 1, "share": 0.5, "on": True,
        "at": datetime.datetime(2026, 11, 24, 2, 0), "table": {"a b": [1, "2"], "inline": {"c.d": [{"e": False}]}},
        "rule": [{"name": "1"}, {"name": "2"}],
    }
    assert tomllib.loads(scenario.text(told)) == told
