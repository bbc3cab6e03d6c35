"""Fixtures for everybody, a limit for every test, and the rule that continuous integration skips nothing."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import settings

from liftgate.runtime.signals import end_at_interrupt
from tests.prefect_server import prefect_api
from tests.scheduling import turn

__all__ = ["prefect_api"]
pytest_plugins = ("tests.limits", "tests.processes", "tests.browser")

end_at_interrupt()
gc.disable()  # until all is collected, which makes no garbage: its searches take a third of that time
# how fast it is, no test says
settings.register_profile("quick", parent=settings(), deadline=None, max_examples=20)
settings.register_profile("mutants", parent=settings(), deadline=None, max_examples=40)  # for ./dev mutate
settings.register_profile("thorough", parent=settings(), deadline=None, max_examples=1_000)
settings.load_profile("quick")  # the option --hypothesis-profile chooses another one


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin at once."""
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What was imported and collected stays to the end: no test's garbage is searched for among it."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test fails the run; pytest's own summary counts and names what was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("CI") == "true" and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
