"""The JSON API: it reads and decides through the same services as the pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

from fastapi.routing import APIRouter
from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text import strict as strict_json
from liftgate.domain.planning.row import Row
from liftgate.domain.promotion.board import Board
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.server import decisions, openapi, rollbacks, signed_in
from liftgate.server.body import limited_body
from liftgate.server.openapi import ID, OF_BODY, Sentence, refused, sent
from liftgate.server.render import status_of
from liftgate.server.state import ServerState
from liftgate.services import promotion_page, record_vote, rollback_target
from liftgate.services.requests import start_for_person

LARGEST = 256_000
router = APIRouter(prefix="/api/v1", generate_unique_id_function=lambda route: route.name)


class Start(Value):
    flow: Literal["promote", "update", "rollback", "nightly"]
    parameters: dict[str, Json] = Field(
        default_factory=dict, description="The flow's parameters; the server sets requested_by itself"
    )


class Started(Value):
    id: str
    name: str
    url: str


class Decide(decisions.Ask):
    plan: str = Field(description="approval.plan as the promotion shows it: the whole digest of the plan")
    shown: str = Field(description="approval.shown as the promotion shows it: the digest of what people see besides it")


class Decided(record_vote.Answer):
    pass


class Back(Value):
    """What the rollback would change."""

    seen: str
    took_back: tuple[str, ...]
    rows: tuple[Row, ...]
    misfits: tuple[str, ...]


class GoBack(rollbacks.Ask):
    seen: str = Field(description="`seen` from the answer to GET; it changes when the values change")


class GoingBack(rollbacks.Answer):
    pass


@router.get("/promotions", summary="The board", response_model=Board, responses=refused(503, 504))
def listed(request: Request) -> Response:
    state: ServerState = request.app.state.state
    try:
        return _answered(state.shown_board())
    except LiftgateError as error:
        return _said(503, str(error))


@router.get(
    "/promotions/{id:uuid}",
    summary="One promotion",
    response_model=promotion_page.PromotionDetails,
    responses=refused(404, 503, 504),
    openapi_extra=ID,
)
def shown(request: Request) -> Response:
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        details = promotion_page.promotion_details(state.at, str(request.path_params["id"]))
    except LiftgateError as error:
        return _said(503, str(error))
    return _answered(details) if details else _said(404, "there is no such promotion")


@router.post(
    "/promotions/{id:uuid}/decision",
    summary="Approve or reject as the signed-in person",
    response_model=Decided,
    responses=refused(401, 403, 409, 503, by=Decided) | refused(404, *OF_BODY),
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
    responses=refused(*OF_BODY, 401, 403, 409, 500, 503),
    openapi_extra=sent(Start),
)
async def start(request: Request) -> Response:
    """The run gets the requester's proof before it starts."""
    state: ServerState = request.app.state.state
    asked = await _body(request, Start)
    if isinstance(asked, Response):
        return asked
    if not signed_in.is_ours(state, request):
        return _said(403, "another site sent this request, so nothing was started")
    try:
        return await run_in_threadpool(_start, state, request, asked)
    except LiftgateError as error:
        return _said({Refused: 409, Misconfigured: 500}.get(type(error), 503), str(error))


def _start(state: ServerState, request: Request, asked: Start) -> Response:
    who = signed_in.who(state, request)
    if who is None or not who.known:
        return _said(401 if who is None else 403, "only a signed-in person in liftgate.json may start a promotion")
    run = start_for_person(state.at, who.name, asked.flow, asked.parameters)
    return _answered(Started(id=run.id, name=run.name, url=state.at.page(run.id)), 201)


@router.get(
    "/promotions/{id:uuid}/rollback",
    summary="What a rollback to this promotion would change",
    response_model=Back,
    responses=refused(404, 409, 503, 504),
    openapi_extra=ID,
)
def rollback_preview(request: Request) -> Response:
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        way = rollback_target.restore_option(state.at, str(request.path_params["id"]))
    except LiftgateError as error:
        return _said(status_of(error), str(error))
    if way is None:
        return _said(404, "there is no such promotion")
    return _answered(Back(seen=way.seen, took_back=way.took_back, rows=way.plan.rows, misfits=way.misfits))


@router.post(
    "/promotions/{id:uuid}/rollback",
    summary="Roll back to this promotion as the signed-in person",
    status_code=201,
    response_model=GoingBack,
    responses=refused(401, 403, 404, 409, 503, by=GoingBack) | refused(*OF_BODY),
    openapi_extra=ID | sent(GoBack),
)
async def go_back(request: Request) -> Response:
    asked = await _body(request, GoBack)
    if isinstance(asked, Response):
        return asked
    status, answer = await rollbacks.answer(request, asked)
    return _answered(answer, status)


@router.get("/openapi.json", summary="This description", response_model=dict[str, Any])
def description(_request: Request) -> Response:
    return JSONResponse(_description())


@lru_cache(maxsize=1)
def _description() -> dict[str, Any]:
    return openapi.description(router)


async def alive(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def ready(request: Request) -> Response:
    """Whether the server can record decisions now: Prefect answers, and a fetch of the repository works."""
    state: ServerState = request.app.state.state
    try:
        trouble = state.readiness.get().trouble
    except LiftgateError as error:
        trouble = str(error)
    return PlainTextResponse(f"{trouble or 'ok'}\n", status_code=503 if trouble else 200)


async def no_route(request: Request, error: Exception) -> Response:
    """What Starlette itself refuses: an address or a method that we do not have."""
    if not isinstance(error, HTTPException):
        raise error
    if request.url.path.startswith("/api/"):
        return _said(error.status_code, f"{error.detail}: see /api/v1/openapi.json")
    return PlainTextResponse(f"{error.detail}\n", status_code=error.status_code, headers=error.headers)


async def _body(request: Request, kind: type[Any]) -> Any:
    """The value in the JSON body, or the response that says what is wrong with it."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        return _said(415, "send JSON with content-type application/json")
    document = strict_json.read_json(await limited_body(request, LARGEST))
    if document.violations:
        return _said(400, f"the body is not valid JSON: {document.violations[0]}")
    try:
        return kind.model_validate(document.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        return _said(422, f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")


def _said(status: int, sentence: str) -> Response:
    return _answered(Sentence(sentence=masked_text(sentence)), status)


def _answered(value: Value, status: int = 200) -> Response:
    return JSONResponse(value.model_dump(mode="json"), status_code=status)
