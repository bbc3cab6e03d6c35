"""The REST API as routes: sign-in, permission, JSON, pages, limits and errors around every handler."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from functools import cache
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import Receive, Scope, Send

from liftgate_sandbox.forge.api import apps
from liftgate_sandbox.forge.api.account import limits
from liftgate_sandbox.forge.api.call import DOCUMENTATION, MEDIA, NOT_ALLOWED, ApiError, Call, Reply, not_found
from liftgate_sandbox.forge.api.paging import cut
from liftgate_sandbox.forge.api.routes import ACCOUNT, OPERATIONS, Operation
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.core import Request as Seen
from liftgate_sandbox.forge.model import Repository, User
from liftgate_sandbox.forge.shapes import people

HOMES = ("/repos/{owner}/{repo}", "/repositories/{repository_id}")
_API: Final = "liftgate_sandbox.forge.api"
NOWHERE = Repository(id=0, owner="", name="", created_at="")


class Api:
    """Makes routes of operations."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def routes(self) -> list[BaseRoute]:
        async def routed(scope: Scope, receive: Receive, send: Send) -> None:
            await _router()({**scope, _API: self}, receive, send)

        return [Mount("/api/v3", routed)]

    async def answer(self, operation: Operation | None, request: Request) -> Response:
        """None is what the API does not have."""
        body = await self._recorded(request)
        if operation is None:
            return not_found().response()
        return await run_in_threadpool(self._answer, operation, request, body)

    async def _recorded(self, request: Request) -> bytes:
        """The body of a call that is remembered."""
        body, path = await request.body(), request.url.path.partition("/api/v3")[2]
        agent = request.headers.get("user-agent", "")
        self._core.requests.append(Seen(agent, request.method, path, dict(request.query_params), body))
        return body

    def _answer(self, operation: Operation, request: Request, body: bytes) -> Response:
        if moved := self._moved(request):
            return moved
        try:
            user = self._user(request.headers.get("authorization", ""), operation)
            # Changes are made one after another; git's own pushes meet them at the compare-and-swap of a ref.
            with self._core.store.lock if operation.method != "GET" else nullcontext():
                call = self._call(operation, request, user, _object(body))
                reply = operation.handler(call)
        except ApiError as error:
            return error.response()
        response = _response(request, reply)
        response.headers.update(limits(self._core, user, counts=response.status_code != 304 and operation.counts))
        return response

    def _moved(self, request: Request) -> Response | None:
        """A renamed repository answers with its address by number."""
        path = request.path_params
        old = f"{path['owner']}/{path['repo']}".lower() if "repo" in path else ""
        new = self._core.store.repository(self._core.store.renamed(old)) if old else None
        if new is None:
            return None
        rest = request.url.path.split("/", 6)[6:]
        to = "/".join([f"{people.api(self._core)}/repositories/{new.id}", *rest])
        body = {"message": "Moved Permanently", "url": to, "documentation_url": DOCUMENTATION}
        return JSONResponse(
            body, 301, {**MEDIA, "location": to + (f"?{request.url.query}" if request.url.query else "")}
        )

    def _user(self, authorization: str, operation: Operation) -> User:
        scheme, _, token = authorization.partition(" ")
        if operation.of_app:
            return apps.signed_in(self._core, token.strip())
        user = self._core.by_token(token.strip()) if scheme.lower() in ("bearer", "token") else None
        if user is None:
            raise ApiError(401, "Bad credentials" if authorization else "Requires authentication")
        return user

    def _call(self, operation: Operation, request: Request, user: User, body: Mapping[str, Any]) -> Call:
        path = request.path_params
        store = self._core.store
        repository = store.repository(f"{path['owner']}/{path['repo']}") if "repo" in path else NOWHERE
        if "repository_id" in path:
            repository = next((each for each in store.repositories() if str(each.id) == path["repository_id"]), None)
        if repository is None:
            raise not_found()
        if not user.may(operation.needs):
            raise ApiError(403, NOT_ALLOWED)
        return Call(self._core, user, repository, path, request.query_params, body)


@cache
def _router() -> Router:
    """For the APIs of all forges, which say in the scope which one it is: making so many routes takes long."""
    account = [_route(each.path, each) for each in ACCOUNT]
    inside = [_route(f"{home}{each.path}", each) for home in HOMES for each in OPERATIONS]
    unknown = Route("/{rest:path}", _endpoint(None), methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    return Router([*account, *inside, unknown])


def _route(path: str, operation: Operation) -> Route:
    return Route(path, _endpoint(operation), methods=[operation.method])


def _endpoint(operation: Operation | None) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        api: Api = request.scope[_API]
        return await api.answer(operation, request)

    return endpoint


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


def _response(request: Request, reply: Reply) -> Response:
    """A GET whose answer did not change since its ETag is a 304 without a body."""
    if reply.status == 204:
        return Response(status_code=204)
    body, headers = reply.body, dict(MEDIA)
    if isinstance(body, list):
        page, links = cut(body, request.url)
        headers |= {"link": links} if links else {}
        body = {"total_count": len(body), reply.wrap: page} if reply.wrap else page
    media = "application/json; charset=utf-8"
    response = JSONResponse(body, reply.status, headers, media)
    if request.method == "GET" and reply.status == 200:
        etag = f'W/"{hashlib.sha256(response.body).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers={"etag": etag})
        response.headers["etag"] = etag
    return response
