"""A Prefect server that answers callers it does not know is warned about, with what that allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from tests.cli.conftest import Folder, Said
from tests.prefect_server import PrefectApi

Liftgate = Callable[..., Said]
CHECK = "Prefect's authentication"
LEAVES = Middleware(CORSMiddleware, allow_origins=["*"])


def version(request: Request) -> Response:
    return JSONResponse("3.8.8")


def sign_in(request: Request) -> Response:
    return HTMLResponse("<form>Sign in</form>")


def made(request: Request) -> Response:
    if request.url.path.endswith("/filter"):
        return JSONResponse([])
    return JSONResponse({"id": "11111111-1111-4111-8111-111111111111"}, status_code=201)


@pytest.fixture
def answering(request: pytest.FixtureRequest) -> Iterator[str]:
    """The API's address of a server that takes deployments; the test's function answers its version."""
    answer, middleware = request.param
    routes = [Route("/api/admin/version", answer), Route("/api/{anything:path}", made, methods=["POST", "PATCH"])]
    with serve(Starlette(routes=routes, middleware=middleware)) as served:
        yield f"{served.url}/api"


def checked(liftgate: Liftgate, address: str, **more: str) -> tuple[str, str]:
    checks = liftgate("doctor", "--json", LIFTGATE_PREFECT__API_URL=address, **more).data["checks"]
    found = next(check for check in checks if check["check"] == CHECK)
    return found["state"], found["reason"]


@pytest.mark.parametrize("answering", [(version, [LEAVES])], indirect=True)
def test_an_open_server_is_warned_about_and_what_that_allows(answering: str, liftgate: Liftgate) -> None:
    state, reason = checked(liftgate, answering, LIFTGATE_PREFECT__AUTH_STRING="user:not-needed")
    assert state == "not configured"
    assert "start programs with the worker's keys" in reason
    assert "PREFECT_SERVER_API_AUTH_STRING" in reason
    assert "PREFECT_SERVER_CORS_ALLOWED_ORIGINS" in reason
    assert "not-needed" not in reason


@pytest.mark.parametrize("answering", [(version, [])], indirect=True)
def test_the_secret_in_the_address_itself_is_not_sent_to_find_out(answering: str, liftgate: Liftgate) -> None:
    state, reason = checked(liftgate, answering.replace("//", "//user:password@"))
    assert state == "not configured"
    assert "password" not in reason
    assert "PREFECT_SERVER_CORS_ALLOWED_ORIGINS" not in reason


@pytest.mark.parametrize("answering", [(sign_in, [])], indirect=True)
def test_a_sign_in_page_in_front_is_no_open_server(answering: str, liftgate: Liftgate) -> None:
    assert checked(liftgate, answering)[0] == "passed"


@pytest.mark.parametrize("answering", [(version, [LEAVES])], indirect=True)
def test_deploy_registers_with_an_open_server_and_warns(answering: str, clone: Folder, liftgate: Liftgate) -> None:
    said = liftgate("deploy", "--repo", str(clone.path), "--json", LIFTGATE_PREFECT__API_URL=answering)
    assert said.code == 0, said.err
    assert len(said.data["deployments"]) > 1
    assert ["start programs with the worker's keys" in warning for warning in said.data["warnings"]] == [True]


@pytest.mark.prefect
def test_the_server_that_we_start_is_well(prefect_api: PrefectApi, liftgate: Liftgate) -> None:
    assert checked(liftgate, prefect_api.url) == ("passed", "it requires a secret")
