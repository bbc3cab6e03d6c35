"""Work that many requests want at once: for each key it is done once, one after the other, and the queue has an end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock, Thread
from typing import Final

from liftgate.errors import LiftgateError
from liftgate.integrations.time_limit import time_limit

log = logging.getLogger(__name__)
MOST: Final = 500
"""Keys that wait."""
WITHIN: Final = 20.0
"""Seconds for one key."""


class OnceEach:
    """One thread does the work; it ends when no key waits."""

    def __init__(self, work: Callable[[str], None], most: int = MOST) -> None:
        self._work, self._most = work, most
        self._lock = Lock()
        self._waiting: dict[str, None] = {}
        self._is_working = False

    def want(self, key: str) -> bool:
        """False when too many keys wait. A key that waits already is not added; one that is being worked on is, because
        the work may have looked too early."""
        with self._lock:
            if key not in self._waiting and len(self._waiting) >= self._most:
                return False
            self._waiting[key] = None
            if not self._is_working:
                self._is_working = True
                Thread(target=self._run, name="once-each", daemon=True).start()
            return True

    def _run(self) -> None:
        while (key := self._next()) is not None:
            try:
                with time_limit(WITHIN):
                    self._work(key)
            except LiftgateError as error:
                log.warning("%s: %s", key, error)
            except Exception:
                log.exception("%s could not be done", key)

    def _next(self) -> str | None:
        with self._lock:
            key = next(iter(self._waiting), None)
            if key is None:
                self._is_working = False
            else:
                del self._waiting[key]
            return key
