"""The ASGI application: routes, and what comes before every endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from liftgate_sandbox.argocd.api import (
    applications,
    bodies,
    control,
    details,
    operations,
    projects,
    session,
    sets,
    stream,
    webhook,
)
from liftgate_sandbox.argocd.api.context import Answer, Call, sent
from liftgate_sandbox.argocd.api.errors import UNAVAILABLE, ApiError, text
from liftgate_sandbox.argocd.controller import Controller

_Endpoint = Callable[[Call], Answer] | Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True)
class _Rule:
    """One route: `fields` are the typed fields of its body, under the name of Go's struct."""

    method: str
    path: str
    endpoint: _Endpoint
    open: bool = False
    struct: str = ""
    fields: dict[str, str] | None = None


_APP = "/api/v1/applications/{name}"
_RULES = [
    _Rule("GET", "/api/version", projects.version, open=True),
    _Rule("GET", "/api/v1/settings", projects.settings, open=True),
    _Rule("POST", "/api/v1/session", session.login, open=True),
    _Rule("GET", "/api/v1/session/userinfo", session.user_info),
    _Rule("GET", "/api/v1/account/can-i/{resource}/{action}/{subresource:path}", session.can_i),
    _Rule("POST", "/api/v1/account/{name}/token", session.create_account_token),
    _Rule("POST", "/api/v1/projects", projects.create),
    _Rule("GET", "/api/v1/projects/{name}", projects.get),
    _Rule("PUT", "/api/v1/projects/{name}", projects.put),
    _Rule("GET", "/api/v1/projects/{name}/syncwindows", projects.sync_windows),
    _Rule("POST", "/api/v1/projects/{name}/roles/{role}/token", session.create_role_token),
    _Rule("GET", "/api/v1/applications", applications.list_all),
    _Rule("POST", "/api/v1/applications", applications.create),
    _Rule("GET", _APP, applications.get),
    _Rule("DELETE", _APP, applications.delete),
    _Rule("PATCH", _APP, applications.patch),
    _Rule("PUT", f"{_APP}/spec", applications.put_spec),
    _Rule("POST", f"{_APP}/sync", operations.sync, struct="ApplicationSyncRequest", fields=bodies.SYNC),
    _Rule(
        "POST",
        f"{_APP}/rollback",
        operations.rollback,
        struct="ApplicationRollbackRequest",
        fields=bodies.ROLLBACK,
    ),
    _Rule("DELETE", f"{_APP}/operation", operations.terminate),
    _Rule("GET", f"{_APP}/manifests", details.manifests),
    _Rule("GET", f"{_APP}/managed-resources", details.managed_resources),
    _Rule("GET", f"{_APP}/resource-tree", details.resource_tree),
    _Rule("GET", f"{_APP}/revisions/{{revision}}/metadata", details.revision_metadata),
    _Rule("GET", f"{_APP}/events", details.events),
    _Rule("GET", f"{_APP}/syncwindows", details.sync_windows),
    _Rule("GET", f"{_APP}/logs", details.logs),
    _Rule("GET", f"{_APP}/pods/{{pod}}/logs", details.logs),
    _Rule("GET", "/api/v1/applicationsets", sets.list_all),
    _Rule("POST", "/api/v1/applicationsets", sets.create),
    _Rule("GET", "/api/v1/applicationsets/{name}", sets.get),
    _Rule("DELETE", "/api/v1/applicationsets/{name}", sets.delete),
    _Rule("GET", f"{_APP}/server-side-diff", details.server_side_diff),
    _Rule("GET", "/api/v1/stream/applications", stream.stream),
]
_SANDBOX = [
    *[_Rule(method, "/sandbox/faults", control.faults, open=True) for method in ("GET", "POST", "DELETE")],
    _Rule("POST", "/sandbox/drift", control.drift, open=True),
    _Rule("POST", "/sandbox/windows", control.set_windows, open=True),
]


def server(controller: Controller) -> Starlette:
    """The application over a reconciler."""
    routes = [_route(controller, rule, guarded=True) for rule in _RULES]
    routes += [_route(controller, rule, guarded=False) for rule in _SANDBOX]
    routes.append(Route("/healthz", lambda _: PlainTextResponse("ok")))
    routes.append(Route("/api/webhook", _webhook(controller), methods=["POST"]))
    return Starlette(routes=routes, exception_handlers={HTTPException: _not_routed})


def _not_routed(request: Request, error: Exception) -> Response:
    if not request.url.path.startswith("/api"):
        return text("open dist/app/index.html: file does not exist", 500)
    wrong_method = isinstance(error, HTTPException) and error.status_code == 405
    return text("Method Not Allowed", 405) if wrong_method else text("Not Found", 404)


def _webhook(controller: Controller) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return webhook.webhook(Call(request, controller, await request.body()))

    return answer


def _route(controller: Controller, rule: _Rule, *, guarded: bool) -> Route:
    async def answer(request: Request) -> Response:
        if guarded and rule.method != "GET" and request.headers.get("content-type") != "application/json":
            return text("Invalid content type", 415)
        call = Call(request, controller, await request.body())
        try:
            if guarded:
                await _hinder(controller)
            return await _answer(call, rule)
        except ApiError as error:
            return stream.refused(call, error) if rule.endpoint is stream.stream else error.response()

    return Route(rule.path, _losing(controller, answer) if guarded else answer, methods=[rule.method])


async def _answer(call: Call, rule: _Rule) -> Response:
    call.body = bodies.read(call.raw, rule.struct, rule.fields)
    if not rule.open:
        call.authenticate()
    # An endpoint that waits is a coroutine; the others may ask git, which must not stop the event loop.
    answer = await run_in_threadpool(rule.endpoint, call)
    return sent(await answer if isinstance(answer, Awaitable) else answer)


async def _hinder(controller: Controller) -> None:
    slow = controller.faults.take("slow")
    if slow:
        await asyncio.sleep(float(slow.get("seconds", 1)))
    if controller.faults.take("status-503"):
        raise ApiError(UNAVAILABLE, "upstream connect error or disconnect/reset before headers")


class _Lost(Response):
    """Promises a body and never sends it: the server cuts the connection."""

    def __init__(self) -> None:
        super().__init__(headers={"content-length": "1", "content-type": "application/json"})


def _losing(
    controller: Controller, answer: Callable[[Request], Awaitable[Response]]
) -> Callable[[Request], Awaitable[Response]]:
    async def maybe_lost(request: Request) -> Response:
        lost = request.method != "GET" and controller.faults.take("lost-answer")
        response = await answer(request)
        return _Lost() if lost else response

    return maybe_lost
