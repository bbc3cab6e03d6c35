"""Argo CD's server-sent events, read by a thread: they make waiting quick; truth is asked for by GET."""

from __future__ import annotations

import json
import queue
import threading
from contextlib import suppress

import httpx

from liftgate.domain.snapshot import Snapshot, read

SILENCE = 35.0
"""Seconds; a comment comes every 15, so longer silence means a dead line."""
_PAUSE = 1.0


class Stream:
    def __init__(self, http: httpx.Client, query: dict[str, str]) -> None:
        self._http, self._query = http, query
        self._events: queue.Queue[Snapshot] = queue.Queue()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, name="argocd-watch", daemon=True)
        self._thread.start()

    def next(self, timeout: float) -> Snapshot | None:
        """The newest of what has arrived: states in between are history."""
        try:
            event = self._events.get(timeout=timeout)
        except queue.Empty:
            return None
        with suppress(queue.Empty):
            while True:
                event = self._events.get_nowait()
        return event

    def close(self) -> None:
        """The thread ends at the next event or comment; it holds nothing but a socket."""
        self._closed.set()

    def _read(self) -> None:
        while not self._closed.is_set():
            with suppress(httpx.HTTPError, ValueError):
                if not self._follow():
                    return
            self._closed.wait(_PAUSE)

    def _follow(self) -> bool:
        """One connection until it ends; False when asking again would be pointless (no right)."""
        timeout = httpx.Timeout(5, read=SILENCE)
        headers = {"Accept": "text/event-stream"}
        with self._http.stream(
            "GET", "/stream/applications", params=self._query, headers=headers, timeout=timeout
        ) as response:
            if response.status_code in (401, 403):
                return False
            for line in response.iter_lines():
                if self._closed.is_set():
                    return False
                if line.startswith("data: "):
                    self._take(json.loads(line[6:]))
        return True

    def _take(self, message: dict[str, object]) -> None:
        result = message.get("result")
        if isinstance(result, dict) and result.get("type") in ("ADDED", "MODIFIED"):
            self._events.put(read(result["application"]))
