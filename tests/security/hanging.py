"""A server that accepts connections and never answers: the worst that a program we ask can do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread


@contextmanager
def hanging() -> Iterator[str]:
    """Its address, without a slash at the end."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=200)
    taken: list[socket.socket] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                taken.append(listener.accept()[0])

    thread = Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield "http://{}:{}".format(*listener.getsockname())
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for each in taken:
            each.close()
