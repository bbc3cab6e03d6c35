from __future__ import annotations

import httpx
import pytest
from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tools.bench.counted import counted, general, messages_in

RUN = "0199f6a1-1111-7222-8333-444455556666"


@pytest.mark.parametrize(
    ("path", "what"),
    [
        (f"/flow_runs/{RUN}/input/message", "/flow_runs/*/input/*"),
        (f"/flow_runs/{RUN}/input/filter", "/flow_runs/*/input/filter"),
        ("/work_pools/liftgate/workers/heartbeat", "/work_pools/*/workers/heartbeat"),
        ("/deployments/name/update/liftgate-update", "/deployments/name/*"),
        ("/logs/", "/logs/"),
    ],
)
def test_runs_and_keys_are_not_told_apart(path: str, what: str) -> None:
    assert general(path) == what


def test_messages_are_counted_wherever_the_bytes_are_cut() -> None:
    one = bytes([0x81, 0x80 | 5]) + b"mask" + b"hello"
    ping = bytes([0x89, 0x80]) + b"mask"
    long = bytes([0xC2, 0x80 | 126]) + (300).to_bytes(2) + b"mask" + b"x" * 300
    stream = one + ping + long
    for cut in range(len(stream)):
        first, rest = messages_in(stream[:cut])
        second, left = messages_in(rest + stream[cut:])
        assert (first + second, left) == (2, b"")


def test_requests_go_through_and_are_counted() -> None:
    app = Starlette(routes=[Route("/api/logs/", lambda _: PlainTextResponse("here"), methods=["GET", "POST"])])
    with serve(app) as served, counted(f"{served.url}/api") as way, httpx.Client(base_url=way.url) as client:
        assert client.get("/logs/").text == client.get("/logs/?limit=1").text == "here"
        client.post("/logs/", json=[])
        assert dict(way.requests) == {"GET /logs/": 2, "POST /logs/": 1}
        assert way.without_polls == 2
        way.forget()
        assert way.without_polls == 0
