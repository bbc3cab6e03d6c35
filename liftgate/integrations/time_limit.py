"""One time limit for everything that a caller asks of others: each call may take only the time that is left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from liftgate.errors import LiftgateError, Unavailable

_END: Final = ContextVar[float]("end of the time limit", default=float("inf"))


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """For this thread and for threads that get a copy of its context. An earlier end of an outer limit stays."""
    token = _END.set(min(_END.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _END.reset(token)


def seconds_left(wanted: float, who: str) -> float:
    """The wanted seconds, or fewer. Raises Unavailable when the time is over; `who` would have been asked."""
    left = _END.get() - time.monotonic()
    if left <= 0:
        raise Unavailable(f"{who} gave no answer in time")
    return min(wanted, left)


def pause(seconds: float, otherwise: LiftgateError) -> None:
    """Wait before the next try, or raise the error of the last one when no time would be left for another."""
    if time.monotonic() + seconds >= _END.get():
        raise otherwise from None
    time.sleep(seconds)
