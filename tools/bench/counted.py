"""A way to Prefect that counts what goes through it: requests by method and path, and messages on its WebSockets."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

_REQUEST: Final = re.compile(rb"(GET|POST|PUT|PATCH|DELETE) /api(/[^ ?]*)")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY: Final = re.compile(r"(/input/)(?!filter)[^/]+|(/work_pools/)[^/]+|(/deployments/name/).+")
_TEXT, _BINARY = 1, 2
POLLS: Final = (
    "POST /work_pools/*/get_scheduled_flow_runs",
    "POST /work_pools/*/workers/filter",
    "POST /work_pools/*/workers/heartbeat",
    "GET /work_pools/*/workers/connect",
    "POST /flow_runs/filter",
    "POST /logs/",
)
"""What is sent every few seconds, however long a run takes."""


class Counted(socketserver.ThreadingTCPServer):
    """A request begins with a chunk of its own: Prefect's client and ours send none before the last is answered."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, behind: str) -> None:
        parts = urlsplit(behind)
        super().__init__(("127.0.0.1", 0), _Connection)
        self.behind = (str(parts.hostname), parts.port or 80)
        self.url = f"http://127.0.0.1:{self.server_address[1]}{parts.path}"
        self.requests: Counter[str] = Counter()
        self.messages: Counter[str] = Counter()
        """By the path of the WebSocket."""
        self._lock = threading.Lock()

    @property
    def without_polls(self) -> int:
        """The number of requests that are sent once."""
        return sum(number for request, number in self.requests.items() if request not in POLLS)

    def count(self, request: str) -> None:
        with self._lock:
            self.requests[request] += 1

    def count_messages(self, path: str, number: int) -> None:
        with self._lock:
            self.messages[path] += number

    def forget(self) -> None:
        with self._lock:
            self.requests.clear()
            self.messages.clear()


class _Connection(socketserver.BaseRequestHandler):
    server: Counted

    def handle(self) -> None:
        upgraded, frames = "", b""
        with socket.create_connection(self.server.behind) as behind, suppress(OSError):
            threading.Thread(target=pump, args=(behind, self.request), daemon=True).start()
            while chunk := self.request.recv(65_536):
                if upgraded:
                    number, frames = messages_in(frames + chunk)
                    self.server.count_messages(upgraded, number)
                elif found := _REQUEST.match(chunk):
                    path = general(found[2].decode())
                    self.server.count(f"{found[1].decode()} {path}")
                    upgraded = path if b"upgrade: websocket" in chunk.lower() else ""
                behind.sendall(chunk)
            behind.shutdown(socket.SHUT_WR)


def general(path: str) -> str:
    """The path with stars for what differs from run to run."""
    return _KEY.sub(lambda found: f"{found[1] or found[2] or found[3]}*", _ID.sub("*", path))


def messages_in(data: bytes) -> tuple[int, bytes]:
    """The number of whole messages of a client's WebSocket (RFC 6455, 5.2), and the bytes after the last whole one."""
    number = 0
    while len(data) >= 2:
        short, start = data[1] & 127, 2
        if short > 125:
            start = 4 if short == 126 else 10
        length = int.from_bytes(data[2:start]) if short > 125 else short
        end = start + 4 + length
        if len(data) < max(end, start):
            break
        number += data[0] & 15 in (_TEXT, _BINARY)
        data = data[end:]
    return number, data


def pump(one: socket.socket, other: socket.socket) -> None:
    """All that comes from one goes to the other, until one of them ends."""
    with suppress(OSError):
        while chunk := one.recv(65_536):
            other.sendall(chunk)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def counted(behind: str) -> Iterator[Counted]:
    with Counted(behind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
