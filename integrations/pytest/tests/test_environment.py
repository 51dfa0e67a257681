"""The variables, and the process behind the fixture."""

import os

import pytest
import requests
from pytest_faultline import ProxyError, noproxy

VARIABLES = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"]
LINK_LOCAL = "169.254.169.254,169.254.0.0/16"


def test_the_variables_are_set_and_put_back(pytester, monkeypatch):
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://before.test:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1,db.test")
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    before = {variable: os.environ.get(variable) for variable in VARIABLES}
    pytester.makeconftest('pytest_plugins = ["pytest_faultline"]')
    pytester.makepyfile(f"""
        import os

        def test_variables(faultline):
            assert {{os.environ[name] for name in {VARIABLES[:4]}}} == {{faultline.url}}
            assert {{os.environ[name] for name in {VARIABLES[4:6]}}} == {{"{LINK_LOCAL}"}}
            assert "REQUEST_METHOD" not in os.environ
            faultline.delivery(host=["127.0.0.1:8080"])
            assert {{os.environ[name] for name in {VARIABLES[4:6]}}} == {{"db.test,{LINK_LOCAL}"}}
    """)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
    assert {variable: os.environ.get(variable) for variable in VARIABLES} == before


@pytest.mark.parametrize("value, hosts, kept", [
    ("a.test,b.test", [], ""),
    ("redis.test,.internal", ["hooks.test"], "redis.test,.internal,"),
    ("a.test,hooks.test", ["hooks.test:8080"], "a.test,"),
    (".partner.test", ["hooks.partner.test"], ""),
    ("eu.partner.test", ["*.partner.test"], ""),
    ("10.0.0.0/8,11.0.0.0/8", ["10.1.2.3:8080"], "11.0.0.0/8,"),
    ("hooks.test:80", ["hooks.test"], ""),
    ("::1,[::1]:80", ["[::1]:8080"], ""),
    ("*", ["hooks.test"], ""),
    ("a.test, b.test,a.test", ["hooks.test"], "a.test,b.test,"),
])
def test_what_stays_in_no_proxy(value, hosts, kept):
    assert noproxy.without_hiding(noproxy.entries(value), hosts) == kept + LINK_LOCAL


def test_after_the_verdict_nothing_slips_past_the_proxy(faultline, target):
    assert not faultline.verdict.passed
    with pytest.raises(requests.exceptions.ProxyError):
        requests.post(target.url, data="a")
    assert target.received == []


def test_a_proxy_that_ends_by_itself_is_an_error(pytester):
    pytester.makeconftest('pytest_plugins = ["pytest_faultline"]')
    pytester.makepyfile("""
        def test_sender(faultline):
            faultline._proxy._process.kill()
            faultline._proxy._process.wait()
    """)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["E *ProxyError: faultline proxy ended with exit code -9*"])


def test_a_binary_that_is_not_there(monkeypatch, request):
    monkeypatch.setenv("FAULTLINE_BINARY", "/nowhere/faultline")
    with pytest.raises(ProxyError, match="no program /nowhere/faultline"):
        request.getfixturevalue("faultline")
