"""GitHub's rate limits: when the next call may be made, for every process that shares the folder.

docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import httpx

from liftgate.integrations.http import retry_after, said_by, server_time

_UNSAID: Final = 60.0
"""Seconds to wait where GitHub does not say how long: its documentation asks for a minute."""
_LEAST: Final = 1.0
_MOST: Final = 3600.0
"""Limits are counted by the hour, so no answer and no file stops us for longer."""
_SECONDARY: Final = "secondary rate limit"


def seconds_to_wait(response: httpx.Response) -> float | None:
    """None for an answer that is no rate limit. Primary and secondary limits are both 403 or 429."""
    if response.status_code not in (403, 429):
        return None
    wait = retry_after(response)
    if wait is None and response.headers.get("x-ratelimit-remaining") == "0":
        wait = _until_reset(response)
    # A secondary limit may have no header at all: then only its sentence tells it from a missing right.
    if wait is None and (response.status_code == 429 or _SECONDARY in said_by(response).lower()):
        wait = _UNSAID
    return None if wait is None else min(max(wait, _LEAST), _MOST)


def _until_reset(response: httpx.Response) -> float:
    reset = response.headers.get("x-ratelimit-reset", "")
    return float(reset) - server_time(response) if reset.isascii() and reset.isdigit() else _UNSAID


class Limits:
    """The time of the next call, in this process and in a file that others read and write too."""

    def __init__(self, file: Path | None) -> None:
        """Without a file each process learns of a limit by itself."""
        self._file, self._until = file, 0.0

    def left(self) -> float:
        """Seconds until a call may be made; 0.0 where one may be made now."""
        left = max(self._until, self._shared()) - time.time()
        return left if 0 < left <= _MOST else 0.0

    def note(self, seconds: float) -> None:
        self._until = time.time() + seconds
        if self._file is None or self._shared() >= self._until:
            return
        with suppress(OSError):  # a full disk must not hide the limit itself
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=self._file.parent, delete=False) as fresh:
                fresh.write(repr(self._until))
            Path(fresh.name).replace(self._file)

    def _shared(self) -> float:
        try:
            return float(self._file.read_text()) if self._file else 0.0
        except (OSError, ValueError):
            return 0.0
