"""How Prefect's REST is asked: with the secret from the first request on, so that no call is made twice."""

from __future__ import annotations

from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liftgate.integrations.runs.prefect import Prefect


def test_the_secret_is_sent_at_once() -> None:
    asked: list[str] = []

    def inputs(request: Request) -> Response:
        asked.append(request.headers.get("authorization", ""))
        return JSONResponse([])

    with serve(Starlette(routes=[Route("/api/flow_runs/1/input/filter", inputs, methods=["POST"])])) as served:
        assert Prefect(f"{served.url}/api", "user:pass:word").inputs("1") == {}
        assert Prefect(f"{served.url}/api").inputs("1") == {}
    assert asked == ["Basic dXNlcjpwYXNzOndvcmQ=", ""]
