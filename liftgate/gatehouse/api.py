"""The JSON side: the same questions and the same one way to decide."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.domain import strict_json
from liftgate.domain.value import Json, Value
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.gatehouse import decisions, going_back, signed_in
from liftgate.gatehouse.body import read
from liftgate.gatehouse.decisions import Ask
from liftgate.gatehouse.house import House
from liftgate.gatehouse.openapi import DESCRIPTION
from liftgate.gatehouse.render import status_of
from liftgate.services import details as cases
from liftgate.services import restore
from liftgate.services.requests import start_as

LARGEST = 256_000


class Start(Value):
    flow: Literal["promote", "update", "rollback", "nightly"]
    parameters: dict[str, Json] = Field(default_factory=dict)


def listed(request: Request) -> Response:
    house: House = request.app.state.house
    try:
        return JSONResponse(house.board.get().model_dump(mode="json"))
    except LiftgateError as error:
        return _said(503, str(error))


def shown(request: Request) -> Response:
    house: House = request.app.state.house
    house.looked.set()
    try:
        case = cases.read(house.at, str(request.path_params["id"]))
    except LiftgateError as error:
        return _said(503, str(error))
    return JSONResponse(case.model_dump(mode="json")) if case else _said(404, "there is no such promotion")


async def decision(request: Request) -> Response:
    asked = await _body(request, Ask)
    if isinstance(asked, Response):
        return asked
    status, answer = await decisions.answer(request, asked, "api")
    return JSONResponse(answer.model_dump(), status_code=status)


async def start(request: Request) -> Response:
    """The run is given the requester's proof before it begins."""
    house: House = request.app.state.house
    asked = await _body(request, Start)
    if isinstance(asked, Response):
        return asked
    if not signed_in.is_ours(house, request):
        return _said(403, "this came from a page elsewhere, so nothing was started")
    try:
        return await run_in_threadpool(_start, house, request, asked)
    except LiftgateError as error:
        return _said({Refused: 409, Misconfigured: 500}.get(type(error), 503), str(error))


def _start(house: House, request: Request, asked: Start) -> Response:
    who = signed_in.who(house, request)
    if who is None or not who.known:
        return _said(401 if who is None else 403, "only a signed-in person of liftgate.json may start a promotion")
    ours = {"requested_by", "after"}
    given = {name: value for name, value in asked.parameters.items() if name not in ours}
    run = start_as(house.at, who.name, asked.flow, given)
    return JSONResponse({"id": run.id, "name": run.name, "url": house.at.page(run.id)}, status_code=201)


def way_back(request: Request) -> Response:
    """What going back to this promotion would change, and what stands for having seen it."""
    house: House = request.app.state.house
    house.looked.set()
    try:
        way = restore.look(house.at, str(request.path_params["id"]))
    except LiftgateError as error:
        return _said(status_of(error), str(error))
    if way is None:
        return _said(404, "there is no such promotion")
    rows = [row.model_dump(mode="json") for row in way.plan.rows]
    lists = {"took_back": list(way.took_back), "rows": rows, "misfits": list(way.misfits)}
    return JSONResponse({"seen": way.seen} | lists)


async def go_back(request: Request) -> Response:
    asked = await _body(request, going_back.Ask)
    if isinstance(asked, Response):
        return asked
    status, answer = await going_back.answer(request, asked)
    return JSONResponse(answer.model_dump(), status_code=status)


async def description(_request: Request) -> Response:
    return JSONResponse(DESCRIPTION)


async def alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def ready(request: Request) -> Response:
    """Whether decisions could be taken down now: Prefect answers, and the repository was fetched."""
    house: House = request.app.state.house
    try:
        house.at.runs.find(flows=("promote",), limit=1)
        house.git.fetch()
    except LiftgateError as error:
        return PlainTextResponse(f"{error}\n", status_code=503)
    return PlainTextResponse("ok\n")


async def _body(request: Request, kind: type[Any]) -> Any:
    """The value that was sent as JSON, or the response that says what is wrong with it."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return _said(415, "send JSON with content-type application/json")
    data = await read(request, LARGEST)
    if data is None:
        return _said(413, f"at most {LARGEST} bytes")
    document = strict_json.read(data)
    if document.violations:
        return _said(400, f"the body is not sound JSON: {document.violations[0]}")
    try:
        return kind.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return _said(422, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")


def _said(status: int, sentence: str) -> Response:
    return JSONResponse({"sentence": sentence}, status_code=status)
