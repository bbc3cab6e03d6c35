"""Fixtures for everybody, a limit for every test, and the rule that continuous integration skips nothing."""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from liftgate.runtime.signals import end_at_interrupt
from tests.limits import pytest_addoption, pytest_runtest_call, pytest_runtest_setup, pytest_runtest_teardown
from tests.prefect_server import prefect_api
from tests.scheduling import ByFile, begun_elsewhere, turn

__all__ = [
    "prefect_api",
    "pytest_addoption",
    "pytest_runtest_call",
    "pytest_runtest_setup",
    "pytest_runtest_teardown",
]

end_at_interrupt()
gc.disable()  # until all is collected, which makes no garbage: its searches take a third of that time
# how fast it is, no test says
settings.register_profile("quick", parent=settings(), deadline=None, max_examples=20)
settings.register_profile("mutants", parent=settings(), deadline=None, max_examples=40)  # for ./dev mutate
settings.register_profile("thorough", parent=settings(), deadline=None, max_examples=1_000)
settings.load_profile("quick")  # the option --hypothesis-profile chooses another one


def pytest_configure(config: pytest.Config) -> None:
    """Each process of the suite begins to collect elsewhere: what one has compiled, the others need not compile."""
    worker = getattr(config, "workerinput", None)
    if worker and config.args == config.getini("testpaths"):
        config.args[:] = begun_elsewhere(config.rootpath, config.args, worker["workerid"], worker["workercount"])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin at once; wherever it began to collect, each process has the same order."""
    items.sort(key=lambda item: turn(item.nodeid))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What was imported and collected stays to the end: no test's garbage is searched for among it."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodeready() -> None:
    """Hypothesis looks at each character once and keeps in a file what it found. So each process need not do that,
    this one does, which only waits while the others collect."""
    st.text().validate()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test fails the run; pytest's own summary counts and names what was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("CI") == "true" and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
