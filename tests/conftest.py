"""Fixtures for everybody, and the rule that continuous integration skips nothing."""

from __future__ import annotations

import os

import pytest

from tests.prefect_server import prefect_api

__all__ = ["prefect_api"]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test fails the run; pytest's own summary counts and names what was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and os.environ.get("CI") == "true" and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
