"""What the proxy does to a request, and that the server has done its work where only the answer is lost."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from liftgate_sandbox.serve import Served, serve
from sandbox_tests.plain import NO_CERTIFICATES
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.chaos.proxy import Mode, Proxies, Proxy

UNBROKEN = Mode()


class Counter:
    """A server that counts what reached it."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    async def __call__(self, request: Request) -> PlainTextResponse:
        self.seen.append(await request.body())
        return PlainTextResponse("x" * 1000)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def proxy(counter: Counter) -> Iterator[Proxy]:
    app = Starlette(routes=[Route("/", counter.__call__, methods=["POST"])])
    proxies = Proxies(0)
    with serve(app) as served:
        assert isinstance(served, Served)
        yield proxies.to(served.url)
    proxies.close()


def post(proxy: Proxy, mode: Mode = UNBROKEN) -> httpx.Response:
    proxy.set(mode)
    try:
        return httpx.post(proxy.url, content=b"y" * 100_000, verify=NO_CERTIFICATES, trust_env=False, timeout=10)
    finally:
        proxy.set(UNBROKEN)


def test_it_passes_on_what_it_is_not_told_to_break(proxy: Proxy, counter: Counter) -> None:
    with httpx.Client(verify=NO_CERTIFICATES, trust_env=False) as kept:
        assert [kept.post(proxy.url, content=b"z").text for _ in range(3)] == ["x" * 1000] * 3
    assert (counter.seen, proxy.struck) == ([b"z"] * 3, 0)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_an_error_is_answered_and_the_server_hears_nothing(proxy: Proxy, counter: Counter, status: int) -> None:
    assert post(proxy, Mode(f"answer {status}", chance=1)).status_code == status
    assert (counter.seen, proxy.struck) == ([], 1)


@pytest.mark.parametrize("kind", ["lose the answer", "truncate the answer"])
def test_the_answer_is_lost_after_the_effect(proxy: Proxy, counter: Counter, kind: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        post(proxy, Mode(kind, chance=1))
    assert len(counter.seen) == 1


def test_a_delayed_request_arrives_whole(proxy: Proxy, counter: Counter) -> None:
    assert post(proxy, Mode("delay", chance=1, seconds=0.1)).text == "x" * 1000
    assert counter.seen == [b"y" * 100_000]


def test_a_server_that_is_down_breaks_connections_and_is_back_afterwards(proxy: Proxy, counter: Counter) -> None:
    with pytest.raises(httpx.TransportError):
        post(proxy, Mode("down"))
    assert post(proxy).status_code == 200
