"""One worker that looks by itself only once in ten minutes: what begins before that was woken. It ends with its signer
process."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime import record
from liftgate.runtime.supervisor import Supervisor
from tests.prefect_server import PrefectApi
from tests.worker.conftest import workers
from tests.worker.test_keys import SETTINGS
from tests.worker.test_pool import children

POOL = f"wake{uuid4().hex[:6]}"
FLOWS = "tests.runtime.flows_fixture.simple"
RARELY = {"PREFECT_WORKER_QUERY_SECONDS": "600"}

pytestmark = pytest.mark.prefect


class Wire:
    """A TCP connection to the server for each it gets; event streams can be refused, and cut."""

    worker: Supervisor
    """With the worker that reaches the server through it."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self.carries_streams = True
        self.streams: list[StreamWriter] = []
        self.url = ""
        self._stop = asyncio.Event()
        self._is_up = threading.Event()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def cut(self) -> None:
        """Every stream: the worker has others than that which wakes it."""
        for stream in self.streams:
            self._loop.call_soon_threadsafe(stream.transport.abort)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{self._upstream.path}"
        async with server:
            self._is_up.set()
            await self._stop.wait()

    async def _take(self, reader: StreamReader, writer: StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/events/out" in head:
            if not self.carries_streams:
                writer.close()
                return
            self.streams.append(writer)
        there, back = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        back.write(head)
        await asyncio.gather(_carry(reader, back), _carry(there, writer), return_exceptions=True)


async def _carry(source: StreamReader, target: StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    finally:
        target.close()


@pytest.fixture(scope="module")
def wire(prefect_api: PrefectApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """Between the server and a worker of the pool, which cannot have its stream yet."""
    with Wire(prefect_api.url) as wire, workers(prefect_api, POOL, tmp_path_factory.mktemp("worker")) as start:
        wire.carries_streams = False
        wire.worker = start(**SETTINGS, **RARELY, PREFECT_API_URL=wire.url)
        yield wire


def test_where_the_stream_cannot_be_had_the_worker_looks_often(prefect_api: PrefectApi, wire: Wire) -> None:
    prefect_api.wait_for(prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick", pool=POOL)), "Completed")
    assert not wire.streams


def test_a_run_begins_and_goes_on_after_its_gate_long_before_the_next_look(
    prefect_api: PrefectApi, wire: Wire, tmp_path: Path
) -> None:
    wire.carries_streams = True
    assert eventually(lambda: bool(wire.streams)), "it is taken up as soon as it can be had"
    run = prefect_api.run(prefect_api.deploy(f"{FLOWS}.gated", pool=POOL), note=str(tmp_path / "note"))
    prefect_api.wait_for(run, "Suspended")
    prefect_api.resume(run, approved=True)
    prefect_api.wait_for(run, "Completed")
    assert (tmp_path / "note").read_text().split("\n")[-2] == "approved True"


def test_a_stream_that_was_cut_is_taken_up_again(prefect_api: PrefectApi, wire: Wire) -> None:
    wire.carries_streams = True
    assert eventually(lambda: bool(wire.streams))
    before = len(wire.streams)
    wire.cut()
    assert eventually(lambda: len(wire.streams) > before)
    prefect_api.wait_for(prefect_api.run(prefect_api.deploy(f"{FLOWS}.quick", pool=POOL)), "Completed")


def test_the_worker_ends_with_its_signer(wire: Wire) -> None:
    """The last test of the file: the others need the worker."""
    worker = wire.worker.pid("worker")
    (signer,) = [pid for pid in children(worker) if b"worker.signer" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    os.kill(signer, signal.SIGKILL)
    assert eventually(lambda: not record.born(worker), within=60.0)
