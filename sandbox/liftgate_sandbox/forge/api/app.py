"""The REST API as routes: sign-in, permission, JSON, pages, limits and errors around every handler."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from liftgate_sandbox.forge.api.call import NOT_ALLOWED, ApiError, Call, Reply, not_found
from liftgate_sandbox.forge.api.paging import cut
from liftgate_sandbox.forge.api.routes import ACCOUNT, OPERATIONS, Operation
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import Repository, User

LIMIT = 5000
NOWHERE = Repository(id=0, owner="", name="", created_at="")


class Api:
    """Makes routes of operations; counts requests of each user for the rate-limit headers."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._used: Counter[str] = Counter()

    def routes(self) -> list[BaseRoute]:
        account = [self._route(each.path, each) for each in ACCOUNT]
        inside = [self._route(f"/repos/{{owner}}/{{repo}}{each.path}", each) for each in OPERATIONS]
        unknown = Route("/{rest:path}", _unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        return [Mount("/api/v3", routes=[*account, *inside, unknown])]

    def _route(self, path: str, operation: Operation) -> Route:
        return Route(path, self._endpoint(operation), methods=[operation.method])

    def _endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            return await run_in_threadpool(self._answer, operation, request, body)

        return endpoint

    def _answer(self, operation: Operation, request: Request, body: bytes) -> Response:
        try:
            user = self._user(request.headers.get("authorization", ""))
            # Changes are made one after another; git's own pushes meet them at the compare-and-swap of a ref.
            with self._core.store.lock if operation.method != "GET" else nullcontext():
                call = self._call(operation, request, user, _object(body))
                reply = operation.handler(call)
        except ApiError as error:
            return JSONResponse(error.shape(), error.status)
        return _response(request, reply, self._limits(user))

    def _user(self, authorization: str) -> User:
        scheme, _, token = authorization.partition(" ")
        user = self._core.store.by_token(token.strip()) if scheme.lower() in ("bearer", "token") else None
        if user is None:
            raise ApiError(401, "Bad credentials" if authorization else "Requires authentication")
        return user

    def _call(self, operation: Operation, request: Request, user: User, body: Mapping[str, Any]) -> Call:
        path = request.path_params
        repository = self._core.store.repository(f"{path['owner']}/{path['repo']}") if "repo" in path else NOWHERE
        if repository is None:
            raise not_found()
        if not user.may(operation.needs):
            raise ApiError(403, NOT_ALLOWED)
        return Call(self._core, user, repository, path, request.query_params, body)

    def _limits(self, user: User) -> dict[str, str]:
        self._used[user.login] += 1
        used = self._used[user.login]
        reset = int(datetime.now(UTC).timestamp()) // 3600 * 3600 + 3600
        numbers = {"limit": LIMIT, "remaining": max(0, LIMIT - used), "used": used, "reset": reset}
        return {f"x-ratelimit-{name}": str(number) for name, number in numbers.items()} | {
            "x-ratelimit-resource": "core"
        }


def _object(body: bytes) -> Mapping[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError:
        raise ApiError(400, "Problems parsing JSON") from None
    if not isinstance(value, dict):
        raise ApiError(400, "Body should be a JSON object")
    return value


def _response(request: Request, reply: Reply, headers: dict[str, str]) -> Response:
    if reply.status == 204:
        return Response(status_code=204, headers=headers)
    body = reply.body
    if isinstance(body, list):
        page, links = cut(body, request.url)
        headers |= {"link": links} if links else {}
        body = {"total_count": len(body), reply.wrap: page} if reply.wrap else page
    media = "application/json; charset=utf-8"
    return JSONResponse(body, reply.status, headers | {"x-github-media-type": "github.v3"}, media)


async def _unknown(_: Request) -> Response:
    return JSONResponse(not_found().shape(), 404)
