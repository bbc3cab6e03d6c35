"""Calls of Prefect's API by a signed-in person: read, started as that person, operated, or refused."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from liftgate.domain.config.access import Access, denial
from liftgate.domain.config.people import Who
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.runs.form import LARGEST, check_values, read_form
from liftgate.integrations.runs.forwarder import Forwarded
from liftgate.integrations.runs.operations import access_of
from liftgate.server import signed_in
from liftgate.server.body import Unread, limited_body
from liftgate.server.state import ServerState
from liftgate.services.form_starts import start_from_form

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


async def call(request: Request) -> Response:
    """One call; every refusal is one sentence, in the field that Prefect's pages show."""
    state: ServerState = request.app.state.state
    path = f"/{request.path_params['path']}"
    access = access_of(request.method, path)
    if access is None:
        return _said(403, "Liftgate does not know this operation of Prefect, so it does not forward it")
    if request.method != "GET" and not signed_in.is_ours(state, request):
        return _said(403, "another site sent this request, so nothing was done")
    try:
        who = await run_in_threadpool(signed_in.who, state, request)
        if who is None:
            problem = await run_in_threadpool(signed_in.hindered, state, request, "use Prefect's pages")
            return _said(401, problem)
        if problem := await run_in_threadpool(_denial, state, who, access):
            return _said(403, problem)
        return await _answer(state, request, path, access, who)
    except LiftgateError as error:
        return _said({Refused: 409, Misconfigured: 502}.get(type(error), 503), str(error))


def _denial(state: ServerState, who: Who, access: Access) -> str:
    return denial(state.in_force, who, access)


async def _answer(state: ServerState, request: Request, path: str, access: Access, who: Who) -> Response:
    try:
        body = await limited_body(request, LARGEST)
    except Unread as error:
        return _said(error.status, error.sentence)
    if access == "start" and path.startswith("/deployments/"):
        return await _start(state, path.split("/")[2], who, body)
    if access == "start":
        check_values(body)
    query = request.url.query
    return _passed_on(await state.forwarder.send(request.method, path, query, request.headers, body))


async def _start(state: ServerState, deployment: str, who: Who, body: bytes) -> Response:
    """The new run as Prefect describes it."""
    form = read_form(body)
    run = await run_in_threadpool(start_from_form, state.at, who.name, deployment, form)
    answer = await state.forwarder.send("GET", f"/flow_runs/{run.id}", "", {}, b"")
    return _passed_on(answer.copy_with(status=201) if answer.status == 200 else answer)


def _passed_on(answer: Forwarded) -> Response:
    named = {"content-disposition": answer.name} if answer.name else {}
    return Response(answer.body, answer.status, HEADERS | named, media_type=answer.kind)


def _said(status: int, sentence: str) -> Response:
    return JSONResponse({"detail": sentence}, status_code=status, headers=HEADERS)
