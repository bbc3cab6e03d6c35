"""Going back to a chosen promotion from the pages and the API: looked at first, then asked for by a proven person."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from liftgate.domain import plain
from liftgate.domain.value import Value
from liftgate.errors import LiftgateError
from liftgate.gatehouse import signed_in
from liftgate.gatehouse.house import House
from liftgate.gatehouse.render import status_of
from liftgate.services.requests import start_as
from liftgate.services.restore import look


class Ask(Value):
    """What is sent; a browser's form and JSON have the same names."""

    seen: str
    reason: str = ""


class Answer(Value):
    sentence: str
    id: str = ""
    """The run's; empty: none was started."""
    url: str = ""


def may(house: House, request: Request) -> str:
    """Why the person who looks may not do it; empty when they may."""
    return signed_in.hindered(house, request, "roll back")


async def answer(request: Request, asked: Ask) -> tuple[int, Answer]:
    """HTTP status and answer; errors of ours are sentences too."""
    house: House = request.app.state.house
    if not signed_in.is_ours(house, request):
        return 403, Answer(sentence="this came from a page elsewhere, so nothing was started")
    try:
        return await run_in_threadpool(_started, house, request, asked)
    except LiftgateError as error:
        return status_of(error), Answer(sentence=f"nothing was started: {error}")


def _started(house: House, request: Request, asked: Ask) -> tuple[int, Answer]:
    who = signed_in.who(house, request)
    if problem := may(house, request):
        return (401 if who is None else 403), Answer(sentence=problem)
    house.git.fetch()
    way = look(house.at, str(request.path_params["id"]))
    if way is None or who is None:
        return 404, Answer(sentence="there is no such promotion")
    if way.seen != asked.seen:
        return 409, Answer(sentence="the values have changed since this was shown to you; look again, and decide again")
    entry = way.entry
    run = start_as(
        house.at,
        who.name,
        "rollback",
        {
            "application": entry.application,
            "environment": entry.environment,
            "back_to": entry.promotion,
            "reason": plain.checked("reason", asked.reason)[:500],
        },
    )
    return 201, Answer(sentence=f"going back to {entry.version}", id=run.id, url=house.at.page(run.id))
