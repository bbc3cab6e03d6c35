"""Argo CD's server-sent events, read by a thread: they make waiting quick; a GET has the last word."""

from __future__ import annotations

import queue
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx

from liftgate.domain.argocd.snapshot import Snapshot, read_snapshot
from liftgate.domain.json_text.bounded_json import loads
from liftgate.integrations.deployer.rest import present

SILENCE = 35.0
"""Seconds; a comment comes every 15, so longer silence means a dead line."""
_CONNECTED = ("connect_tcp.complete", "start_tls.complete")


class Stream:
    """A thread with a client of its own: a connection that others had before could not be taken hold of."""

    def __init__(self, connect: Callable[[], httpx.Client], query: dict[str, str], pause: float) -> None:
        """`pause` is how long to wait before connecting again, in seconds."""
        self._query, self._pause, self._line = query, pause, _Line()
        self._events: queue.Queue[Snapshot] = queue.Queue()
        threading.Thread(target=self._read, args=(connect,), name="argocd-watch", daemon=True).start()

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
        """The thread ends at once, also one that waits for an answer's first byte."""
        self._line.close()

    def _read(self, connect: Callable[[], httpx.Client]) -> None:
        with connect() as http:
            while not self._line.closed.is_set():
                with suppress(httpx.HTTPError, ValueError):
                    if not self._follow(http):
                        return
                self._line.closed.wait(self._pause)

    def _follow(self, http: httpx.Client) -> bool:
        """One connection until it ends; False when asking again would be pointless (no right)."""
        asked: dict[str, Any] = {
            "params": self._query,
            "headers": {"Accept": "text/event-stream"},
            "timeout": httpx.Timeout(5, read=SILENCE),
            "extensions": {"trace": self._line.trace},
        }
        with http.stream("GET", "/stream/applications", **asked) as response:
            if response.status_code in (401, 403):
                return False
            for line in response.iter_lines():
                if line.startswith("data: "):
                    self._take(loads(line[6:]))
        return True

    def _take(self, message: dict[str, object]) -> None:
        result = message.get("result")
        if isinstance(result, dict) and result.get("type") in ("ADDED", "MODIFIED"):
            self._events.put(read_snapshot(present(result["application"])))


class _Line:
    """The socket under a stream: shutting it ends a read in another thread, which then closes it. Closing it here
    would not end the read."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None

    def trace(self, event: str, about: dict[str, Any]) -> None:
        """What httpcore says of its connection, in the thread that reads (httpcore's docs, extensions: trace)."""
        if event.endswith(_CONNECTED):
            with self._lock:
                self._socket = about["return_value"].get_extra_info("socket")
                if self.closed.is_set():
                    self._shut()

    def close(self) -> None:
        with self._lock:
            self.closed.set()
            self._shut()

    def _shut(self) -> None:
        if self._socket:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
