"""The three things that can go wrong: Refused (a rule says no), Unavailable (try again), Misconfigured (mend it).

Expected bad news (unhealthy, rejected, not merged yet) is a Verdict, never one of these.
"""

from __future__ import annotations


class LiftgateError(Exception):
    """Base of all of them; `str()` is one clear sentence without secrets, made for people."""

    exit_code = 1


class Refused(LiftgateError):
    """A rule does not allow it; trying again changes nothing until a person changes something."""

    exit_code = 3


class Unavailable(LiftgateError):
    """No answer, or a passing fault; the only class that is retried.

    `retry_after` is in seconds, as the other side asked for it, or None.
    """

    exit_code = 4

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Misconfigured(LiftgateError):
    """A setting, token or file is wrong; the sentence names it and the nearest right thing."""

    exit_code = 5
