"""The faults that the forge knows, by the name they are armed with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate_sandbox.faults import Act, Fault, Kind, answer, delay, lose
from liftgate_sandbox.forge.api.call import NOT_ALLOWED, ApiError
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
    return ApiError(status, message).response()


def _limited(fault: Fault) -> Response:
    response = _error(403, SECONDARY_LIMIT)
    response.headers["retry-after"] = str(int(fault.seconds))
    response.headers["x-ratelimit-remaining"] = "0"
    return response


def _limited_until_a_date(fault: Fault) -> Response:
    response = _error(429, SECONDARY_LIMIT)
    response.headers["retry-after"] = format_datetime(datetime.now(UTC) + timedelta(seconds=fault.seconds), usegmt=True)
    return response


def _used_up(status: int) -> Callable[[Fault], Response]:
    def response(fault: Fault) -> Response:
        answer = _error(status, "API rate limit exceeded for user ID 1.")
        answer.headers["x-ratelimit-remaining"] = "0"
        answer.headers["x-ratelimit-reset"] = str(int(datetime.now(UTC).timestamp() + fault.seconds))
        return answer

    return response


KINDS = {
    "status-503": Kind(_is_api, _down(503)),
    "status-502": Kind(_is_api, _down(502)),
    "lost-answer": Kind(_is_write, lose),
    "lost-push-answer": Kind(_is_push, lose),
    "merge-busy": Kind(_is_merge, answer(lambda _: _error(405, BASE_MOVED))),
    "slow": Kind(lambda _: True, delay),
    "rate-limited": Kind(_is_api, answer(_limited)),
    "rate-limited-until": Kind(_is_api, answer(_limited_until_a_date)),
    "rate-limited-in-words": Kind(_is_api, answer(lambda _: _error(403, SECONDARY_LIMIT))),
    "rate-limit-used-up": Kind(_is_api, answer(_used_up(403))),
    "rate-limit-used-up-429": Kind(_is_api, answer(_used_up(429))),
    "bad-credentials": Kind(_is_api, answer(lambda _: _error(401, "Bad credentials"))),
    "not-allowed": Kind(_is_api, answer(lambda _: _error(403, NOT_ALLOWED))),
    "not-merged": Kind(_is_merge, answer(lambda _: JSONResponse({"sha": None, "merged": False, "message": "?"}))),
    "something-else": Kind(_is_api, answer(lambda _: JSONResponse({"hello": "world"}))),
    "something-else-in-a-list": Kind(_is_api, answer(lambda _: JSONResponse([{"hello": "world"}]))),
    "git-401": Kind(_is_git, _down(401)),
    "git-503": Kind(_is_git, _down(503)),
    "git-404": Kind(_is_git, _down(404)),
}
