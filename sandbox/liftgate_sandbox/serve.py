"""Runs an ASGI application on a loopback port in a background thread of this process."""

from __future__ import annotations

import asyncio
import logging
import socket
from asyncio import CancelledError
from contextlib import suppress
from threading import Thread
from typing import Final, Self

import uvicorn
from starlette.types import ASGIApp


def _is_news(record: logging.LogRecord) -> bool:
    cut_by_us = "without completing response" in record.msg
    return not (cut_by_us or (record.exc_info and isinstance(record.exc_info[1], CancelledError)))


# A stream cut on purpose is what the sandbox is for; a bug in an application is still logged.
logging.getLogger("uvicorn.error").addFilter(_is_news)


_ENDING: Final = 2.0
"""Seconds until what runs on is cancelled again: asyncio does it once, and a task may lose that, as `asyncio.wait_for`
did until Python 3.12 when its result came in the same moment."""


class _Server(uvicorn.Server):
    """Ends at once: uvicorn looks only ten times a second whether it should, and then waits for what is cut here."""

    _loop: asyncio.AbstractEventLoop | None = None

    def end(self) -> None:
        """From another thread; it may have ended already."""
        self.should_exit = self.force_exit = True
        if self._loop:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._told.set)

    def cancel(self) -> None:
        """From another thread: once more what is still running, and say what that is."""
        if self._loop:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._cancel)

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self._loop):
            task.print_stack()
            task.cancel()

    async def main_loop(self) -> None:
        self._told = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1.0)  # the date in the answers is to the second

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in (*self.servers, *(sockets or ())):
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()


class Served:
    """A running server at `url` (no trailing slash) until `stop()` or the end of its `with` block."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        host, port = listener.getsockname()[:2]
        self.url = f"http://{host}:{port}"
        config = uvicorn.Config(
            app,
            loop="asyncio",  # what uvicorn would find by itself takes it a while, at each start
            http="h11",
            interface="asgi3",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
        )
        self._server = _Server(config)
        self._listener = listener
        self._thread = Thread(target=self._server.run, args=([listener],), name=f"serve {self.url}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Tell it to stop, and do not wait for that."""
        self._server.end()

    def stop(self) -> None:
        """End it at once, cutting requests and streams that are still open; may be called twice."""
        self.end()
        self._thread.join(_ENDING)
        while self._thread.is_alive():
            self._server.cancel()
            self._thread.join(_ENDING)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def serve(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Served:
    """Serve `app` at once (port 0: a free one); a taken port raises OSError that names it.

    The listening socket exists when this returns: the first request waits for the server, it does not fail.
    """
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"port {port} of {host} cannot be used: {error.strerror}") from error
    listener.listen(2048)
    return Served(app, listener)
