"""The three kinds of error: Refused (a rule forbids it), Unavailable (try again), Misconfigured (fix it).

Expected bad news (unhealthy, rejected, not merged yet) is a Verdict, never one of these.
"""

from __future__ import annotations


class LiftgateError(Exception):
    """Base of all of them; `str()` is one clear sentence for people, without secrets."""

    exit_code = 1


class Refused(LiftgateError):
    """A rule forbids it; a retry is useless until a person changes something."""

    exit_code = 3


class Unavailable(LiftgateError):
    """No answer, or a transient error; the only class that is retried before a commit.

    `retry_after` is the number of seconds that the server requested, or None.
    """

    exit_code = 4

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Misconfigured(LiftgateError):
    """A setting, token or file is wrong; the sentence names it and the nearest valid value."""

    exit_code = 5
