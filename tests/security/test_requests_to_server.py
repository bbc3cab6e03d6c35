"""What a sender that has proven nothing can make the Liftgate server hold, wait for, or hide."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import NO_CERTIFICATES, eventually, http
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from liftgate.integrations.runs.prefect import Prefect
from liftgate.server.app import application
from liftgate.server.body import Room
from liftgate.server.deadline import Deadline
from liftgate.server.main import OPTIONS
from liftgate.server.protocol import Protocol
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.security.hanging import hanging
from tests.server.world import World, server_world

SECRET = "of the forge"
LARGE = 25_000_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path) as world:
        yield world


class Door(NamedTuple):
    """A Liftgate server that has no repository yet: a sender that proves nothing gets no further than its door."""

    url: str
    app: Starlette


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    mine = {"LIFTGATE_FORGE__WEBHOOK_SECRET": SECRET, "LIFTGATE_STATE": str(tmp_path_factory.mktemp("state"))}
    app = application(Integrations(from_variables(mine)))
    with serve(app) as served:
        yield Door(served.url, app)


@pytest.fixture(autouse=True)
def usual_room(door: Door) -> None:
    door.app.state.room = Room()


def connected(url: str) -> socket.socket:
    place = urlsplit(url)
    return socket.create_connection((place.hostname, place.port), timeout=30)


def head(path: str, *lines: str) -> bytes:
    return "\r\n".join((f"POST {path} HTTP/1.1", "host: liftgate.test", *lines, "", "")).encode()


def status(connection: socket.socket) -> int:
    """Of the answer; 0 for a connection that ended without one."""
    said = connection.recv(4096)
    return int(said.split()[1]) if said else 0


UNSIGNED = ("", "x-hub-signature-256: sha256=short", "x-hub-signature-256: " + "0" * 64)
SIGNED = "x-hub-signature-256: sha256=" + "0" * 64


@pytest.mark.parametrize("line", UNSIGNED)
def test_no_byte_is_read_of_a_webhook_whose_headers_cannot_prove_it(door: Door, line: str) -> None:
    with connected(door.url) as one:
        one.sendall(head("/webhooks/forge", f"content-length: {LARGE}", *filter(None, [line])))
        assert status(one) == 401


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("/webhooks/forge", [SIGNED]),
        ("/slack/interactions", ["content-type: application/x-www-form-urlencoded"]),
        ("/api/v1/promotions", ["content-type: application/json"]),
        ("/pause", ["content-type: application/x-www-form-urlencoded"]),
    ],
)
def test_no_byte_is_read_of_a_body_that_its_header_says_is_too_large(door: Door, path: str, lines: list[str]) -> None:
    with connected(door.url) as one:
        one.sendall(head(path, f"content-length: {LARGE}", *lines))
        assert status(one) in (401, 413)


def test_a_body_of_unknown_length_is_counted_while_it_is_read(door: Door) -> None:
    with connected(door.url) as one:
        one.sendall(head("/webhooks/forge", "transfer-encoding: chunked", SIGNED))
        for _ in range(21):
            one.sendall(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
        assert status(one) == 413


def test_many_bodies_at_once_hold_no_more_than_their_room(door: Door) -> None:
    """Today 40 anonymous connections hold 1.2 GB."""
    room = door.app.state.room = Room(size=1_000_000)
    most = 0

    def send(one: socket.socket) -> int:
        nonlocal most
        one.sendall(head("/webhooks/forge", "content-length: 200000", SIGNED))
        try:
            for _ in range(19):
                one.sendall(b"x" * 10_000)
                most = max(most, room.held)
            return status(one)  # the last bytes never come
        except OSError:
            return 0  # the server ended the connection before everything was sent

    connections = [connected(door.url) for _ in range(40)]
    with ThreadPoolExecutor(40) as pool:
        answers = [pool.submit(send, one) for one in connections]
        assert eventually(lambda: sum(each.done() for each in answers) >= 30)
        assert most <= 1_000_000
        for one in connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        assert {each.result() for each in answers} <= {0, 429}
    for one in connections:
        one.close()
    assert eventually(lambda: room.held == 0)


def test_a_body_that_does_not_arrive_is_not_waited_for(door: Door) -> None:
    door.app.state.room = Room(within=0.3)
    with connected(door.url) as one:
        one.sendall(head("/webhooks/forge", "content-length: 1000", SIGNED) + b"x")
        assert status(one) == 408
    assert door.app.state.room.held == 0


def test_a_proven_webhook_is_still_heard(door: Door) -> None:
    body = json.dumps({"zen": "x" * 1_000_000}).encode()
    mac = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": mac, "x-github-event": "push"}
    assert http.post(f"{door.url}/webhooks/forge", content=body, headers=headers).status_code == 202


class Quick(Protocol):
    headers_within = 0.3


async def hello(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("hello")


@contextmanager
def really_served(app: Starlette) -> Iterator[str]:
    """As in production, only with less patience."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, **OPTIONS | {"http": Quick}))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            assert eventually(lambda: server.started)
            yield "http://{}:{}".format(*listener.getsockname())
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n"])
def test_headers_that_do_not_arrive_are_not_waited_for(begun: bytes) -> None:
    with really_served(Starlette(routes=[Route("/", hello)])) as url, connected(url) as one:
        one.sendall(begun)
        while one.recv(4096):  # until the server ends the connection
            pass


def test_headers_without_an_end_are_refused() -> None:
    with really_served(Starlette(routes=[Route("/", hello)])) as url, connected(url) as one:
        one.sendall(b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 20_000)
        assert status(one) in (0, 400)


def test_a_refused_body_that_still_comes_is_dropped_and_then_ended() -> None:
    async def refuse(_request: Request) -> Response:
        return PlainTextResponse("no", status_code=413)

    with really_served(Starlette(routes=[Route("/", refuse, methods=["POST"])])) as url, connected(url) as one:
        one.sendall(head("/", f"content-length: {LARGE}") + b"x" * 1_000_000)
        assert status(one) == 413, "the answer is not lost by an early end"
        with suppress(OSError):
            while one.recv(4096) or one.send(b"x"):  # until the server ends the connection
                pass


def test_slow_but_complete_requests_are_answered() -> None:
    with really_served(Starlette(routes=[Route("/", hello, methods=["GET", "POST"])])) as url, connected(url) as one:
        for _ in range(3):
            one.sendall(b"GET / HTTP/1.1\r\n")
            one.sendall(b"host: x\r\n\r\n")
            assert answered(one).startswith(b"HTTP/1.1 200")
        one.sendall(b"GET /")
        while one.recv(4096):  # until the server ends the connection
            pass


def answered(connection: socket.socket) -> bytes:
    said = b""
    while not said.endswith(b"hello"):
        said += connection.recv(4096)
    return said


async def never(_request: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_request_as_a_whole_has_one_deadline() -> None:
    app = Starlette(routes=[Route("/api/never", never), Route("/never", never)])
    app.add_middleware(Deadline, read=0.1, change=0.1, grace=0.1)
    with (
        really_served(app) as url,
        httpx.Client(verify=NO_CERTIFICATES, base_url=url, trust_env=False, timeout=30) as http,
    ):
        page, api = http.get("/never"), http.get("/api/never")
    assert (page.status_code, api.status_code) == (504, 504)
    assert api.json()["sentence"] == page.text.strip() != ""


def test_with_a_prefect_that_hangs_the_board_shows_its_last_state_and_readyz_says_why(world: World) -> None:
    """Today neither answers in 100 s."""
    run, _ = world.waiting()
    http = world.http()
    world.board()
    with hanging() as url:
        world.at.runs = Prefect(f"{url}/api")
        world.app.state.state.board.forget()
        with ThreadPoolExecutor(30) as pool:  # as many as would use up all threads for a minute
            pages = [pool.submit(world.http().get, f"/promotions/{run}") for _ in range(30)]
            page, api, ready = http.get("/"), http.get("/api/v1/promotions"), http.get("/readyz")
        assert {each.result().status_code for each in pages} == {503}
        assert (page.status_code, api.status_code) == (200, 200)
        assert "this is the board of" in page.text
        assert f"/promotions/{run}" in page.text
        assert api.json()["notices"][0].startswith("this is the board of")
        assert ready.status_code == 503
        assert "answer" in ready.text
        assert http.get("/healthz").status_code == 200
