"""The JSON side: the same questions and the same one way to decide."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from fastapi.routing import APIRouter
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.domain import strict_json
from liftgate.domain.board import Board
from liftgate.domain.row import Row
from liftgate.domain.value import Json, Value
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.gatehouse import decisions, going_back, openapi, signed_in
from liftgate.gatehouse.body import read
from liftgate.gatehouse.house import House
from liftgate.gatehouse.openapi import ID, UNREAD, Sentence, refused, sent
from liftgate.gatehouse.render import status_of
from liftgate.services import decide, restore
from liftgate.services import details as cases
from liftgate.services.requests import start_as

LARGEST = 256_000
router = APIRouter(prefix="/api/v1", generate_unique_id_function=lambda route: route.name)


class Start(Value):
    flow: Literal["promote", "update", "rollback", "nightly"]
    parameters: dict[str, Json] = Field(
        default_factory=dict, description="The flow's own; requested_by and after are set by proof"
    )


class Started(Value):
    id: str
    name: str
    url: str


class Decide(decisions.Ask):
    plan: str = Field(description="question.plan as it was shown: the whole digest of the plan")


class Decided(decide.Answer):
    pass


class Back(Value):
    """What going back would change."""

    seen: str
    took_back: tuple[str, ...]
    rows: tuple[Row, ...]
    misfits: tuple[str, ...]


class GoBack(going_back.Ask):
    seen: str = Field(description="What GET gave; once the values have changed it is another")


class GoingBack(going_back.Answer):
    pass


@router.get("/promotions", summary="The board", response_model=Board, responses=refused(503))
def listed(request: Request) -> Response:
    house: House = request.app.state.house
    try:
        return _answered(house.board.get())
    except LiftgateError as error:
        return _said(503, str(error))


@router.get(
    "/promotions/{id:uuid}",
    summary="One promotion",
    response_model=cases.Case,
    responses=refused(404, 503),
    openapi_extra=ID,
)
def shown(request: Request) -> Response:
    house: House = request.app.state.house
    house.looked.set()
    try:
        case = cases.read(house.at, str(request.path_params["id"]))
    except LiftgateError as error:
        return _said(503, str(error))
    return _answered(case) if case else _said(404, "there is no such promotion")


@router.post(
    "/promotions/{id:uuid}/decision",
    summary="Approve or refuse as the signed-in person",
    response_model=Decided,
    responses=refused(401, 403, 409, 503, by=Decided) | refused(*UNREAD),
    openapi_extra=ID | sent(Decide),
)
async def decision(request: Request) -> Response:
    asked = await _body(request, Decide)
    if isinstance(asked, Response):
        return asked
    status, answer = await decisions.answer(request, asked, "api")
    return _answered(answer, status)


@router.post(
    "/promotions",
    summary="Start a flow as the signed-in person",
    status_code=201,
    response_model=Started,
    responses=refused(*UNREAD, 401, 403, 409, 500, 503),
    openapi_extra=sent(Start),
)
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
    return _answered(Started(id=run.id, name=run.name, url=house.at.page(run.id)), 201)


@router.get(
    "/promotions/{id:uuid}/rollback",
    summary="What going back to what this promotion verified would change",
    response_model=Back,
    responses=refused(404, 409, 503),
    openapi_extra=ID,
)
def way_back(request: Request) -> Response:
    house: House = request.app.state.house
    house.looked.set()
    try:
        way = restore.look(house.at, str(request.path_params["id"]))
    except LiftgateError as error:
        return _said(status_of(error), str(error))
    if way is None:
        return _said(404, "there is no such promotion")
    return _answered(Back(seen=way.seen, took_back=way.took_back, rows=way.plan.rows, misfits=way.misfits))


@router.post(
    "/promotions/{id:uuid}/rollback",
    summary="Go back to it as the signed-in person",
    status_code=201,
    response_model=GoingBack,
    responses=refused(401, 403, 404, 409, 503, by=GoingBack) | refused(*UNREAD),
    openapi_extra=ID | sent(GoBack),
)
async def go_back(request: Request) -> Response:
    asked = await _body(request, GoBack)
    if isinstance(asked, Response):
        return asked
    status, answer = await going_back.answer(request, asked)
    return _answered(answer, status)


@router.get("/openapi.json", summary="This", response_model=dict[str, Any])
def description(_request: Request) -> Response:
    return JSONResponse(_description())


@lru_cache(maxsize=1)
def _description() -> dict[str, Any]:
    return openapi.description(router)


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
    return _answered(Sentence(sentence=sentence), status)


def _answered(value: Value, status: int = 200) -> Response:
    return JSONResponse(value.model_dump(mode="json"), status_code=status)
