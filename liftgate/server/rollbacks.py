"""Rollback to a chosen promotion from the pages and the API: a person looks at it first, then requests it."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from liftgate.domain.common import plain
from liftgate.domain.common.value import Value
from liftgate.domain.secrets.masking import masked
from liftgate.errors import LiftgateError
from liftgate.server import signed_in
from liftgate.server.render import status_of
from liftgate.server.state import ServerState
from liftgate.services.requests import start_for_person
from liftgate.services.rollback_target import restore_option


class Ask(Value):
    """The fields that a form or a JSON body sends."""

    seen: str
    reason: str = ""


class Answer(Value):
    sentence: str
    id: str = ""
    """The run's id; empty when none was started."""
    url: str = ""


def why_not(state: ServerState, request: Request) -> str:
    """Why this person may not roll back; empty when they may."""
    return signed_in.hindered(state, request, "roll back")


async def answer(request: Request, asked: Ask) -> tuple[int, Answer]:
    """HTTP status and answer; a Liftgate error becomes a sentence."""
    state: ServerState = request.app.state.state
    if not signed_in.is_ours(state, request):
        return 403, Answer(sentence="another site sent this request, so nothing was started")
    try:
        return await run_in_threadpool(_started, state, request, asked)
    except LiftgateError as error:
        return status_of(error), Answer(sentence=f"nothing was started: {error}")


def _started(state: ServerState, request: Request, asked: Ask) -> tuple[int, Answer]:
    who = signed_in.who(state, request)
    if problem := why_not(state, request):
        return (401 if who is None else 403), Answer(sentence=problem)
    state.git.fetch()
    way = restore_option(state.at, str(request.path_params["id"]))
    if way is None or who is None:
        return 404, Answer(sentence="there is no such promotion")
    if way.seen != asked.seen:
        return 409, Answer(sentence="the values have changed since you looked; look again and decide again")
    entry = way.entry
    run = start_for_person(
        state.at,
        who.name,
        "rollback",
        {
            "application": entry.application,
            "environment": entry.environment,
            "back_to": entry.promotion,
            "reason": masked(plain.checked_line("reason", asked.reason))[:500],
        },
    )
    return 201, Answer(sentence=f"rolling back to {entry.release_name}", id=run.id, url=state.at.page(run.id))
