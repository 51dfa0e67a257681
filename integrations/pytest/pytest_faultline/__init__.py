"""A fixture, `faultline`: the chaos proxy for the time of one test, its rules and its verdict as objects."""

import pytest

from .faultline import Faultline
from .proxy import ProxyError
from .scenario import ScenarioError
from .verdict import Verdict

__all__ = ["Faultline", "ProxyError", "ScenarioError", "Verdict"]


@pytest.fixture
def faultline_settings():
    """What the proxy starts with, as tables of a scenario: a module or a conftest has a fixture of this name to say something else."""
    return {}


@pytest.fixture
def faultline(request, tmp_path, monkeypatch, faultline_settings):
    """Runs `faultline proxy` for this test and points the proxy variables at it. Raises ProxyError when it cannot start, or ends badly."""
    running = Faultline(request.node.name, tmp_path / "faultline", monkeypatch, faultline_settings)
    try:
        yield running
    finally:
        running.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """Adds to the report of a failed test what the proxy saw: the assertion's own message has room for the verdict's first lines only."""
    report = (yield).get_result()
    running = getattr(item, "funcargs", {}).get("faultline")
    if report.when == "call" and report.failed and isinstance(running, Faultline):
        report.sections.append(("faultline", running.account()))
