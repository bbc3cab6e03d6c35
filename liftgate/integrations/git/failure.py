"""What git's failure means: by the exact lines in which git itself reports HTTP's status, and by no other word."""

from __future__ import annotations

import re
from typing import Final

from liftgate.errors import Misconfigured, Unavailable

_STATUS: Final = re.compile(r"fatal: unable to access '[^']*': The requested URL returned error: (\d{3})")
_STATUS_OF_POST: Final = re.compile(r"error: RPC failed; HTTP (\d{3}) curl \d+ The requested URL returned error: \d{3}")
_NO_RIGHT: Final = re.compile(r"fatal: (Authentication failed for '[^']*'|could not read Username for '[^']*': .*)")
_NOT_THERE: Final = re.compile(r"fatal: repository '[^']*' not found")
_SHOWN: Final = 300


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
