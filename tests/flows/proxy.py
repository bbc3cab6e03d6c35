"""A way to Prefect on which some requests are answered 500, and all the others, WebSockets too, go through."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tools.bench.counted import pump

_ANSWER = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Proxy(socketserver.ThreadingTCPServer):
    """A request begins with a chunk of its own: Prefect's client and ours send none before the last is answered."""

    daemon_threads = True

    def __init__(self, behind: str, fails: bytes) -> None:
        parts = urlsplit(behind)
        super().__init__(("127.0.0.1", 0), _Connection)
        self.behind, self.fails, self.failed = (str(parts.hostname), parts.port or 80), fails, 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}{parts.path}"


class _Connection(socketserver.BaseRequestHandler):
    server: Proxy

    def handle(self) -> None:
        with socket.create_connection(self.server.behind) as behind, suppress(OSError):
            threading.Thread(target=pump, args=(behind, self.request), daemon=True).start()
            while chunk := self.request.recv(65_536):
                if chunk.startswith(self.server.fails):
                    self.server.failed += 1
                    self.request.sendall(_ANSWER)
                    return
                behind.sendall(chunk)


@contextmanager
def failing(behind: str, *, fails: bytes) -> Iterator[Proxy]:
    with Proxy(behind, fails) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()
