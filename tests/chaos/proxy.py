"""A way to a server on which requests are delayed, answered with an error, or lose their answer, as it is told."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from random import Random
from threading import Thread
from typing import Final, NamedTuple
from urllib.parse import urlsplit

METHODS: Final = (b"GET ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ", b"HEAD ", b"OPTIONS ")
CHUNK: Final = 65_536
DRAIN: Final = 0.5
"""Seconds in which the rest of a refused request is read: a closed connection would hide the answer."""


class Mode(NamedTuple):
    """What happens to the requests that begin now."""

    kind: str = ""
    chance: float = 0.6
    """Of each request to be struck."""
    seconds: float = 1.5
    """Of a delay."""


class Proxies:
    """Ways to servers, in one thread with one loop; `close` ends them all."""

    def __init__(self, seed: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._random = Random(seed)
        self._made: list[Proxy] = []
        self._thread = Thread(target=self._run, name="proxies", daemon=True)
        self._thread.start()

    def to(self, url: str) -> Proxy:
        proxy = Proxy(url, self._loop, self._random)
        self._made.append(proxy)
        asyncio.run_coroutine_threadsafe(proxy.open(), self._loop).result()
        return proxy

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        for proxy in self._made:
            proxy.stop()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()


class Proxy:
    """Passes on bytes, WebSockets too. A request begins with a chunk of its own: no client of ours sends one before the
    last is answered."""

    def __init__(self, behind: str, loop: asyncio.AbstractEventLoop, random: Random) -> None:
        self._parts = urlsplit(behind)
        self._loop, self._random, self._mode = loop, random, Mode()
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.struck = 0
        self.url = ""

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._parts.path}"

    def stop(self) -> None:
        """Accept no more. In the proxies' thread."""
        if self._server:
            self._server.close()

    def set(self, mode: Mode) -> None:
        """From another thread. `down` also breaks what is open."""
        self._mode = mode
        if mode.kind == "down":
            self._loop.call_soon_threadsafe(self._abort_all)

    def _abort_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind: asyncio.StreamWriter | None = None
        self._open.add(writer)
        try:
            if self._mode.kind != "down":
                answers, behind = await asyncio.open_connection(self._parts.hostname, self._parts.port)
                await self._pass_on(reader, writer, answers, behind)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            for each in (writer, behind):
                if each:
                    each.transport.abort()

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        behind: asyncio.StreamWriter,
    ) -> None:
        struck = [""]
        back = asyncio.create_task(self._answer(answers, writer, struck))
        try:
            while chunk := await reader.read(CHUNK):
                mode = self._mode
                if chunk.startswith(METHODS) and mode.kind and self._random.random() < mode.chance:
                    self.struck += 1
                    if mode.kind.startswith("answer "):
                        await _refuse(reader, writer, mode.kind.removeprefix("answer "))
                        return
                    if mode.kind == "delay":
                        await asyncio.sleep(mode.seconds)
                    else:
                        struck[0] = mode.kind
                behind.write(chunk)
                await behind.drain()
            with suppress(OSError):
                behind.write_eof()
            await back
        finally:
            back.cancel()

    async def _answer(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter, struck: list[str]) -> None:
        """Without a word once the answer is to be lost: the server has then done what it was asked for."""
        with suppress(OSError):
            while chunk := await answers.read(CHUNK):
                if struck[0]:
                    if struck[0] == "truncate the answer":
                        writer.write(chunk[: len(chunk) // 2])
                        await writer.drain()
                    break
                writer.write(chunk)
                await writer.drain()
            writer.close()


async def _refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: str) -> None:
    head = f"HTTP/1.1 {status} Bad day\r\ncontent-length: 0\r\nconnection: close\r\n"
    writer.write(f"{head}{'retry-after: 1' + chr(13) + chr(10) if status == '429' else ''}\r\n".encode())
    await writer.drain()
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN):
            while await reader.read(CHUNK):
                pass
    writer.close()
