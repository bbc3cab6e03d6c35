"""Searches for patterns that a team wrote, within a time limit: no pattern holds a worker for longer.

The engine is that of the package `regex`: it reads what Python's own reads, and its searches can end
(docs/decisions/0014).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from liftgate.errors import Misconfigured

if TYPE_CHECKING:  # slow to import, and most schemas have no pattern
    import regex

WITHIN: Final = 5.0
"""Seconds for all searches of one step; usual patterns need less than a thousandth."""
_END: Final = ContextVar[float]("end of the time for patterns", default=float("inf"))


class TooSlow(Exception):
    """The time is over. `pattern` is the one that was searched for then, or empty."""

    def __init__(self, pattern: str = "") -> None:
        super().__init__(pattern)
        self.pattern = pattern

    @property
    def sentence(self) -> str:
        """Continues a sentence that begins with what was checked."""
        where = f" at the pattern {self.pattern[:200]!r}" if self.pattern else ""
        return f"was not checked within {WITHIN:g} s; the check stopped{where}"


@contextmanager
def pattern_time(seconds: float = WITHIN) -> Iterator[None]:
    token = _END.set(min(_END.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _END.reset(token)


def check_time(pattern: str = "") -> float:
    """The seconds that are left. Raises TooSlow."""
    left = _END.get() - time.monotonic()
    if left <= 0:
        raise TooSlow(pattern)
    return left


def found(pattern: str, text: str) -> bool:
    """Whether the pattern is somewhere in the text. Raises TooSlow, and Misconfigured for what is no pattern."""
    left = check_time(pattern)
    try:
        return _compiled(pattern).search(text, timeout=min(left, 3600.0), concurrent=True) is not None
    except TimeoutError:
        raise TooSlow(pattern) from None


def check_pattern(pattern: str) -> None:
    """Raises Misconfigured for what is no pattern."""
    _compiled(pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    import regex

    try:
        return regex.compile(pattern)
    except regex.error as error:
        raise Misconfigured(f"{pattern[:200]!r} is no regular expression: {error}") from None
