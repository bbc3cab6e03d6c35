"""A decision made on the page or by the API: the signed-in person's, on the plan that was shown."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from liftgate.domain import plain, vote
from liftgate.domain.value import Value
from liftgate.errors import LiftgateError
from liftgate.gatehouse import signed_in
from liftgate.gatehouse.house import House
from liftgate.gatehouse.render import status_of
from liftgate.services.decide import Answer, decide


class Ask(Value):
    """What is sent; a browser's form and JSON have the same names."""

    plan: str
    """The whole digest of the plan that was shown."""
    decision: vote.Decision
    reason: str = ""


async def answer(request: Request, asked: Ask, through: vote.Through) -> tuple[int, Answer]:
    """HTTP status and answer; errors of ours are sentences too."""
    house: House = request.app.state.house
    if not signed_in.is_ours(house, request):
        return 403, Answer(sentence="this came from a page elsewhere, so nothing was decided", accepted=False)
    try:
        return await run_in_threadpool(_decided, house, request, asked, through)
    except LiftgateError as error:
        return status_of(error), Answer(sentence=f"nothing was taken down: {error}", accepted=False)


def _decided(house: House, request: Request, asked: Ask, through: vote.Through) -> tuple[int, Answer]:
    who = signed_in.who(house, request)
    if who is None:
        return 401, Answer(sentence="nobody has proven who you are: sign in first", accepted=False)
    if not who.known:
        told = f"{who.name} is nobody in people of liftgate.json, so may not decide"
        return 403, Answer(sentence=told, accepted=False)
    answer = decide(
        house.at,
        promotion_id=str(request.path_params["id"]),
        plan=asked.plan,
        person=who.name,
        decision=asked.decision,
        reason=plain.checked("reason", asked.reason)[:500],
        through=through,
    )
    return (200 if answer.accepted else 409), answer
