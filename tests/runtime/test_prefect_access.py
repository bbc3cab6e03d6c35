"""The Prefect server that we start answers callers that have its secret, and no page of another site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sandbox_tests.plain import http
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from liftgate.integrations.runs.prefect import credentials
from tests.prefect_server import PrefectApi

pytestmark = pytest.mark.prefect
ELSEWHERE = "https://news.example.com"
SIMPLE = {"text/plain": {"content-type": "text/plain"}, "no type, as of a blob": {}}
"""Requests that a browser sends for any page without asking the server first."""


@pytest.fixture(scope="module")
def deployment(prefect_api: PrefectApi) -> str:
    """One that no worker takes."""
    prefect_api.runs_of("access").ensure_pool()
    return prefect_api.deploy("tests.runtime.flows_fixture.simple.quick", pool="access")


def forged(prefect_api: PrefectApi, deployment: str, headers: dict[str, str], **more: Any) -> httpx.Response:
    """A start of a run, as a page elsewhere makes a browser send it."""
    url = f"{prefect_api.url}/deployments/{deployment}/create_flow_run"
    body = json.dumps({"parameters": {"number": 1}}).encode()
    return http.post(url, content=body, headers={"origin": ELSEWHERE, "sec-fetch-mode": "no-cors"} | headers, **more)


def runs_of(prefect_api: PrefectApi, deployment: str) -> int:
    wanted = {"deployments": {"id": {"any_": [deployment]}}}
    return int(prefect_api.call("POST", "/flow_runs/count", wanted))


@pytest.mark.parametrize("kind", SIMPLE)
def test_a_page_elsewhere_starts_no_run(prefect_api: PrefectApi, deployment: str, kind: str) -> None:
    before = runs_of(prefect_api, deployment)
    assert forged(prefect_api, deployment, SIMPLE[kind]).status_code == 401
    assert runs_of(prefect_api, deployment) == before


def test_the_same_request_with_the_secret_starts_one(prefect_api: PrefectApi, deployment: str) -> None:
    before = runs_of(prefect_api, deployment)
    answer = forged(prefect_api, deployment, {}, auth=credentials(prefect_api.secret))
    assert answer.status_code == 201
    assert runs_of(prefect_api, deployment) == before + 1


@pytest.mark.parametrize(("method", "path"), [("GET", "/admin/settings"), ("POST", "/flow_runs/filter"),
                                              ("GET", "/metrics"), ("DELETE", "/work_pools/access")])  # fmt: skip
def test_nothing_is_answered_without_the_secret(prefect_api: PrefectApi, method: str, path: str) -> None:
    for auth in (None, ("liftgate", "guessed")):
        answer = http.request(method, prefect_api.url + path, auth=auth)
        assert answer.status_code == 401
        assert "www-authenticate" not in answer.headers, "a browser would keep the secret and add it by itself"


@pytest.mark.parametrize("origin", [ELSEWHERE, "null", "http://127.0.0.1:1"])
def test_a_page_elsewhere_may_neither_ask_nor_read(prefect_api: PrefectApi, origin: str) -> None:
    asking = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    for answer in (
        http.options(f"{prefect_api.url}/flow_runs/filter", headers=asking | {"origin": origin}),
        http.get(f"{prefect_api.url}/admin/version", headers={"origin": origin}, auth=credentials(prefect_api.secret)),
    ):
        assert "access-control-allow-origin" not in answer.headers


def test_its_own_page_may(prefect_api: PrefectApi) -> None:
    own = prefect_api.url.removesuffix("/api")
    answer = http.get(f"{prefect_api.url}/admin/version", headers={"origin": own})
    assert answer.headers["access-control-allow-origin"] == own


@pytest.fixture
def stream(prefect_api: PrefectApi, request: pytest.FixtureRequest) -> Iterator[Any]:
    address = f"{prefect_api.url.replace('http://', 'ws://')}/events/{request.param}"
    with connect(address, subprotocols=[Subprotocol("prefect")], proxy=None) as socket:
        yield socket


@pytest.mark.parametrize("stream", ["in", "out"], indirect=True)
def test_events_are_neither_taken_nor_told_without_the_secret(stream: Any) -> None:
    stream.send(json.dumps({"type": "auth", "token": None}))
    with pytest.raises(ConnectionClosed):
        stream.recv(timeout=20)
