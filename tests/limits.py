"""Every test has a limit: one that takes longer fails under its name, so that no run waits for ever."""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest

AGAIN = 60.0
"""Seconds until what still waits after that, in a `finally` or a `with`, is interrupted once more."""

SOON = 0.05
"""Seconds until a moment is tried again in which Python would have lost the exception."""


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

    def end(_number: int, frame: FrameType | None) -> None:
        if loses_exceptions(frame):
            signal.setitimer(signal.ITIMER_REAL, SOON, AGAIN)
            return
        pytest.fail(f"{item.nodeid} took more than {seconds:g} s in its {phase}")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def loses_exceptions(frame: FrameType | None) -> bool:
    """Python only prints what is raised in a finalizer or in a callback of its garbage collector."""
    callbacks = [getattr(callback, "__code__", None) for callback in gc.callbacks]
    while frame is not None:
        if frame.f_code in callbacks or frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False
