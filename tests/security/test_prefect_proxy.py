"""Prefect's pages and API below `/prefect/`: who gets through, what Prefect learns, and what its answers can do."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import pytest

from liftgate.integrations.runs.forwarder import Forwarder
from tests.examples import text
from tests.lab import configured
from tests.security.lying_prefect import PROGRAM, SECRET, LyingPrefect, lying_prefect
from tests.server.world import World, server_world

RUN = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, LyingPrefect]]:
    """No test changes it but for what Prefect answers. Ada is its operator."""
    with lying_prefect() as liar:
        more = {"LIFTGATE_PREFECT__API_URL": liar.url, "LIFTGATE_PREFECT__AUTH_STRING": SECRET}
        with server_world(tmp_path_factory.mktemp("world"), None, **more) as world:
            world.lab.commit({"liftgate.json": text(configured(world.lab, operators=["ada"]))})
            world.at.git.fetch()
            yield world, liar


@pytest.fixture
def world(shared: tuple[World, LyingPrefect]) -> World:
    return shared[0]


@pytest.fixture
def liar(shared: tuple[World, LyingPrefect]) -> LyingPrefect:
    """Who was asked nothing yet, and answers at once."""
    shared[1].begin_anew()
    return shared[1]


def call(world: World, person: str, method: str, path: str, **headers: str) -> httpx.Response:
    """As the person's browser sends it from one of our pages."""
    body = b"{}" if method != "GET" else None
    sent = {"origin": world.url, "content-type": "application/json"} | headers
    return world.http(person).request(method, f"/prefect/api{path}", content=body, headers=sent)


def test_without_a_sign_in_there_is_no_page_and_no_answer(world: World, liar: LyingPrefect) -> None:
    page = world.http().get("/prefect/runs")
    assert page.status_code == 401
    assert "sign in to see Prefect&#39;s pages" in page.text
    assert 'href="/sign-in?to=/prefect/runs"' in page.text
    answer = call(world, "", "POST", "/flow_runs/filter")
    assert answer.status_code == 401
    assert answer.json()["detail"].startswith("sign in to use Prefect's pages")
    assert liar.asked == []


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("rosa", "/flow_runs/filter", 200),
        ("mallory", "/flow_runs/filter", 200),
        ("mallory", f"/deployments/{RUN}/create_flow_run", 403),
        ("rosa", f"/flow_runs/{RUN}/set_state", 403),
        ("rosa", f"/flow_runs/{RUN}/resume", 403),
        ("rosa", "/variables/filter", 403),
        ("rosa", "/automations/", 403),
        ("ada", f"/flow_runs/{RUN}/set_state", 200),
        ("ada", "/flow_runs/secret", 403),
    ],
)
def test_everybody_reads_people_start_operators_operate(
    world: World, liar: LyingPrefect, person: str, path: str, status: int
) -> None:
    assert call(world, person, "POST", path).status_code == status
    assert liar.paths == ([f"POST /api{path}"] if status == 200 else [])


def test_an_operation_without_a_class_is_refused_in_one_sentence(world: World, liar: LyingPrefect) -> None:
    for method, path in (("POST", "/new/operation"), ("GET", "/docs"), ("OPTIONS", "/flow_runs/filter")):
        answer = call(world, "ada", method, path)
        told = "Liftgate does not know this operation of Prefect, so it does not forward it"
        assert (answer.status_code, answer.json()) == (403, {"detail": told})
    assert liar.asked == []


def test_a_path_reaches_prefect_as_it_was_classified(world: World, liar: LyingPrefect) -> None:
    hidden = ("/flow_runs/%2e%2e/variables/name/x", "/flow_runs%2f..%2fvariables%2fname%2fx", "/work_pools/a%2F..%2Fb")
    assert [call(world, "rosa", "GET", path).status_code for path in hidden] == [403] * 3
    call(world, "rosa", "GET", "/work_pools/a%3Fb%23c%25")
    assert liar.paths == ["GET /api/work_pools/a%3Fb%23c%25"]


def test_another_website_can_send_nothing(world: World, liar: LyingPrefect) -> None:
    for origin in ("https://evil.example", "null"):
        answer = call(world, "ada", "POST", f"/flow_runs/{RUN}/set_state", origin=origin)
        assert answer.json()["detail"] == "another site sent this request, so nothing was done"
    assert liar.asked == []


def test_prefect_learns_nothing_of_the_browser_and_gets_the_api_secret(world: World, liar: LyingPrefect) -> None:
    mine = {"authorization": "Bearer mine", "x-forwarded-for": "10.0.0.1", "x-prefect-api-version": "0.8.4"}
    assert call(world, "rosa", "POST", "/flow_runs/filter", **mine).status_code == 200
    (asked,) = liar.asked
    assert "cookie" not in asked.headers
    assert "x-forwarded-for" not in asked.headers
    assert "origin" not in asked.headers
    assert asked.headers["authorization"] == f"Basic {base64.b64encode(SECRET.encode()).decode()}"
    assert asked.headers["x-prefect-api-version"] == "0.8.4"


def test_an_answer_is_data_and_never_a_page_or_a_program(world: World, liar: LyingPrefect) -> None:
    answer = call(world, "rosa", "GET", f"/flow_runs/{RUN}")
    assert answer.text == PROGRAM
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox; frame-ancestors 'none'"
    assert not {"set-cookie", "access-control-allow-origin", "location"} & set(answer.headers)
    assert SECRET.partition(":")[2] not in str(answer.headers)


def test_a_page_comes_from_this_installation_and_never_from_prefects_server(world: World, liar: LyingPrefect) -> None:
    rosa = world.http("rosa")
    for path, base in (("/", "/prefect"), ("/runs/flow-run/x", "/prefect"), ("/v2/dashboard", "/prefect/v2")):
        page = rosa.get(f"/prefect{path}")
        assert f'src="{base}/assets/index-' in page.text
        assert "script-src 'self' 'unsafe-eval';" in page.headers["content-security-policy"]
        assert "form-action 'none'" in page.headers["content-security-policy"]
    assert rosa.get("/prefect").headers["location"] == "/prefect/"
    settings = rosa.get("/prefect/ui-settings").json()
    assert (settings["auth"], settings["api_url"]) == (None, "/prefect/api")
    assert liar.asked == []


@pytest.mark.parametrize(
    "path", ["assets/none.js", "%2e%2e/settings.py", "v2/%2e%2e/ui/index.html", "..%2f..%2fmain.py"]
)
def test_no_other_file_is_given(world: World, path: str) -> None:
    answer = world.http("rosa").get(f"/prefect/{path}")
    assert answer.status_code == 404
    assert "Prefect&#39;s pages have no such file" in answer.text


def test_a_hanging_redirecting_or_endless_prefect_is_one_sentence(world: World, liar: LyingPrefect) -> None:
    state, usual = world.app.state.state, world.app.state.state.forwarder
    state.forwarder = Forwarder(liar.url, SECRET, within=0.5, largest=1000)
    liar.size = 1001
    assert told(world) == (503, "Prefect's answer has more than 1000 bytes; ask for less")
    liar.size, liar.status = 0, 307
    assert told(world) == (503, "Prefect answered with a redirect, which is not followed")
    liar.status = 401
    assert told(world) == (502, "Prefect refuses the secret in LIFTGATE_PREFECT__AUTH_STRING")
    liar.status, liar.hangs = 200, True
    assert told(world) == (503, "Prefect gave no answer in time")
    state.forwarder = Forwarder("http://127.0.0.1:9/api", SECRET)
    assert told(world) == (503, "Prefect is not reachable")
    state.forwarder = usual


def told(world: World) -> tuple[int, str]:
    answer = call(world, "rosa", "GET", "/version")
    return answer.status_code, answer.json()["detail"]


def test_a_request_has_a_limit(world: World, liar: LyingPrefect) -> None:
    answer = world.http("rosa").post(
        "/prefect/api/flow_runs/filter", content=b" " * 600_001, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, liar.asked) == (413, [])
    assert answer.json()["detail"] == "at most 600000 bytes"


def test_a_form_is_not_checked_with_prefects_variables(world: World, liar: LyingPrefect) -> None:
    """Prefect's answer would say what does not fit: the variable's value."""
    shown = {"a": [{"__prefect_kind": "workspace_variable", "variable_name": "token"}]}
    answer = world.http("rosa").post("/prefect/api/ui/schemas/validate", json={"schema": {}, "values": shown})
    assert answer.status_code == 409
    assert "no template and no variable" in answer.json()["detail"]
    assert liar.asked == []
