"""The faults that the workspace knows, by the name they are armed with."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate_sandbox.faults import Fault, Kind, answer, delay, lose


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(("/api/", "/actions/", "/services/"))


def _limited(fault: Fault) -> Response:
    return JSONResponse({"ok": False, "error": "ratelimited"}, 429, {"retry-after": str(int(fault.seconds))})


KINDS = {
    "status-503": Kind(_is_api, answer(lambda _: PlainTextResponse("Service Unavailable", 503))),
    "rate-limited": Kind(_is_api, answer(_limited)),
    "lost-answer": Kind(_is_api, lose),
    "slow": Kind(_is_api, delay),
}
