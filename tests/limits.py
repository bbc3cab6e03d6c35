"""Every test has a limit: one that takes longer fails under its name, so that no run waits for ever."""

from __future__ import annotations

import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

AGAIN = 60.0
"""Seconds until what still waits after that, in a `finally` or a `with`, is interrupted once more."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("limit", "seconds that the setup, the call and the teardown of a test may take each", default="600")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    with limited(item, "setup"):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with limited(item, "call"):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    with limited(item, "teardown"):
        return (yield)


@contextmanager
def limited(item: pytest.Item, phase: str) -> Iterator[None]:
    """By an alarm, which also ends a wait in the main thread; the marked runs are as long as they are."""
    if item.get_closest_marker("long"):
        yield
        return
    seconds = float(item.config.getini("limit"))

    def end(_number: int, _frame: FrameType | None) -> None:
        pytest.fail(f"{item.nodeid} took more than {seconds:g} s in its {phase}")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
