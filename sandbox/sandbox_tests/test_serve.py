"""The server runner: several at once, a clear word about a taken port, a quick end with streams open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import httpx
import pytest
from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route


async def _ticks() -> AsyncIterator[str]:
    while True:
        yield "tick\n"
        await asyncio.sleep(0.05)


def _app(answer: str) -> Starlette:
    def hello(_: Request) -> Response:
        return PlainTextResponse(answer)

    def stream(_: Request) -> Response:
        return StreamingResponse(_ticks())

    return Starlette(routes=[Route("/", hello), Route("/stream", stream)])


def test_two_applications_answer_side_by_side() -> None:
    with serve(_app("one")) as one, serve(_app("two")) as two:
        assert httpx.get(one.url).text == "one"
        assert httpx.get(two.url).text == "two"


def test_a_taken_port_is_named() -> None:
    with serve(_app("one")) as one:
        port = int(one.url.rpartition(":")[2])
        with pytest.raises(OSError, match=f"port {port} of 127.0.0.1"):
            serve(_app("two"), port=port)


def test_stopping_cuts_an_open_stream_and_frees_the_port(caplog: pytest.LogCaptureFixture) -> None:
    served = serve(_app("one"))
    port = int(served.url.rpartition(":")[2])
    with httpx.stream("GET", served.url + "/stream") as answer:
        lines = answer.iter_lines()
        assert next(lines) == "tick"
        served.stop()
        with pytest.raises(httpx.RemoteProtocolError):
            list(lines)
    with serve(_app("two"), port=port) as again:
        assert httpx.get(again.url).text == "two"
    assert caplog.records == []


def test_stopping_ends_a_request_that_lost_its_cancellation() -> None:
    began, lost = Event(), Event()

    async def stubborn(_: Request) -> Response:
        began.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        lost.set()
        await asyncio.Event().wait()
        raise AssertionError

    served = serve(Starlette(routes=[Route("/", stubborn)]))
    with ThreadPoolExecutor(1) as pool:
        pool.submit(httpx.get, served.url, timeout=60)
        assert began.wait(30)
        served.stop()
        assert lost.is_set()
