"""The faults that the forge knows, by the name they are armed with."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate_sandbox.faults import Act, Fault, Kind, answer, delay, lose
from liftgate_sandbox.forge.api.call import ApiError
from liftgate_sandbox.forge.api.merge import BASE_MOVED

SECONDARY_LIMIT = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
PROBE = "4"


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/v3")


def _is_write(request: Request) -> bool:
    return _is_api(request) and request.method != "GET"


def _is_merge(request: Request) -> bool:
    return request.method == "PUT" and request.url.path.endswith("/merge")


def _is_git(request: Request) -> bool:
    return ".git/" in request.url.path


def _is_push(request: Request) -> bool:
    """A push proper; before a large one git asks with four bytes whether it may."""
    is_probe = request.headers.get("content-length") == PROBE
    return request.method == "POST" and request.url.path.endswith("/git-receive-pack") and not is_probe


def _down(status: int) -> Act:
    return answer(lambda _: PlainTextResponse("No server is available to handle this request.\n", status))


def _error(status: int, message: str) -> Response:
    return JSONResponse(ApiError(status, message).shape(), status)


def _limited(fault: Fault) -> Response:
    response = _error(403, SECONDARY_LIMIT)
    response.headers["retry-after"] = str(int(fault.seconds))
    response.headers["x-ratelimit-remaining"] = "0"
    return response


KINDS = {
    "status-503": Kind(_is_api, _down(503)),
    "status-502": Kind(_is_api, _down(502)),
    "lost-answer": Kind(_is_write, lose),
    "lost-push-answer": Kind(_is_push, lose),
    "merge-busy": Kind(_is_merge, answer(lambda _: _error(405, BASE_MOVED))),
    "slow": Kind(lambda _: True, delay),
    "rate-limited": Kind(_is_api, answer(_limited)),
    "git-503": Kind(_is_git, _down(503)),
    "git-404": Kind(_is_git, _down(404)),
}
