"""A way to Prefect on which its lists of runs have the fault of Prefect 3.8: a large number in a run's parameters, and
the answer is 500. Prefect 3.9 has mended it (`_json_response` in its `server/api/flow_runs.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import httpx
from liftgate_sandbox.serve import serve
from sandbox_tests.plain import NO_CERTIFICATES
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LISTS: Final = "/flow_runs/filter"
KEPT: Final = ("authorization", "content-type")


@contextmanager
def as_before(api_url: str) -> Iterator[str]:
    """The address of an API that passes everything else on."""

    async def passed_on(request: Request) -> Response:
        path, body = request.path_params["path"], await request.body()
        headers = {name: request.headers[name] for name in KEPT if name in request.headers}
        async with httpx.AsyncClient(verify=NO_CERTIFICATES, trust_env=False, timeout=60) as client:
            url = f"{api_url}{path}?{request.url.query}"
            found = await client.request(request.method, url, content=body, headers=headers)
        if path == LISTS and found.status_code == 200 and any(has_large(run["parameters"]) for run in found.json()):
            return Response('{"exception_message":"Internal Server Error"}', 500, media_type="application/json")
        return Response(found.content, found.status_code, media_type=found.headers.get("content-type"))

    with serve(Starlette(routes=[Route("/api{path:path}", passed_on, methods=["GET", "POST", "DELETE"])])) as served:
        yield f"{served.url}/api"


def has_large(value: Any) -> bool:
    """Whether a number in it does not fit into 64 bits."""
    if isinstance(value, dict | list):
        return any(map(has_large, value.values() if isinstance(value, dict) else value))
    return isinstance(value, int) and not -(2**63) <= value < 2**64
