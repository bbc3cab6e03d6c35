"""What git's failure means: by the exact lines in which git itself reports HTTP's status, and by no other word."""

from __future__ import annotations

import re
import time
from typing import Final

from liftgate.domain.secrets.error_excerpt import error_excerpt
from liftgate.errors import LiftgateError, Misconfigured, Unavailable

_STATUS: Final = re.compile(r"fatal: unable to access '[^']*': The requested URL returned error: (\d{3})")
_STATUS_OF_POST: Final = re.compile(r"error: RPC failed; HTTP (\d{3}) curl \d+ The requested URL returned error: \d{3}")
_NO_RIGHT: Final = re.compile(r"fatal: (Authentication failed for '[^']*'|could not read Username for '[^']*': .*)")
_NOT_THERE: Final = re.compile(r"fatal: repository '[^']*' not found")
_SHOWN: Final = 300
_HICCUP: Final = re.compile(
    r"\[remote rejected\] \((internal (server )?error|failed to (update ref|lock|write)|cannot lock ref|unpacker error"
    r"|failure|try again)\b.*\)",
    re.IGNORECASE,
)
"""What servers report for a push that they could not carry out; git has no code for it."""
_TRIED_AGAIN_FOR: Final = 600.0
"""Seconds for which a sign-in that worked before is tried again after it was refused."""


def git_failure(verb: str, err: bytes) -> Unavailable | Misconfigured:
    """Which of our words it is; the text is cut and holds no token (none is ever in a URL)."""
    said = reported(err)
    status = http_status_of(said)
    if status in (401, 403):
        return Misconfigured(
            f"git {verb}: the repository refused the token ({said[:_SHOWN]}); "
            "look at LIFTGATE_REPOSITORY__TOKEN and what it may do"
        )
    if status == 404:
        return Misconfigured(f"git {verb}: no repository there ({said[:_SHOWN]}); look at LIFTGATE_REPOSITORY__URL")
    return Unavailable(f"git {verb}: {said[:_SHOWN] or 'failed without a word'}")


def is_hiccup(summary: str) -> bool:
    """Whether the summary of a rejected push tells of a passing trouble on the server, and not of a rule."""
    return bool(_HICCUP.match(summary))


def rejection(summary: str, err: bytes) -> str:
    """Why a push was rejected: git's own word for it, and what the server says for people ("remote: …")."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", err.decode(errors="replace"))]
    said = [
        line.removeprefix("remote:").strip().removeprefix("error: ") for line in lines if line.startswith("remote:")
    ]
    return error_excerpt(": ".join(filter(None, [summary.partition("(")[2].rstrip(")"), " ".join(filter(None, said))])))


class SignInMemory:
    """Servers refuse a right sign-in now and then: one that worked before is tried again for a while."""

    def __init__(self) -> None:
        self._worked: set[str] = set()
        self._refused_since: dict[str, float] = {}

    def worked(self, verb: str) -> None:
        self._worked.add(verb)
        self._refused_since.pop(verb, None)

    def failure(self, verb: str, error: LiftgateError, *, is_refused: bool) -> LiftgateError:
        """The error, or that it is tried again; of each verb by itself: a sign-in that may fetch need not push."""
        if not is_refused or verb not in self._worked:
            return error
        now = time.monotonic()
        if now - self._refused_since.setdefault(verb, now) < _TRIED_AGAIN_FOR:
            return Unavailable(f"{error} (it worked before; trying again)")
        return error


def reported(err: bytes) -> str:
    """The line in which git says why it ends. What a server says ("remote: …") is never looked at.

    Lines end where git ends them: a server's text may hold any other separator.
    """
    lines = [line.strip() for line in re.split(r"[\r\n]+", err.decode(errors="replace"))]
    own = [line for line in lines if line and not line.startswith("remote:")]
    first = next((line for line in own if line.startswith(("fatal:", "error: RPC failed;"))), "")
    return first or next((line for line in own if line.startswith("error:")), own[-1] if own else "")


def http_status_of(said: str) -> int:
    """The HTTP status git reports in the line; 0 when it reports none."""
    if found := _STATUS.fullmatch(said) or _STATUS_OF_POST.fullmatch(said):
        return int(found[1])
    if _NO_RIGHT.fullmatch(said):
        return 401
    return 404 if _NOT_THERE.fullmatch(said) else 0
