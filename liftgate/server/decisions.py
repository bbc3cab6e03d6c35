"""A signed-in person's decision on the plan that was shown, from the page or the API."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from liftgate.domain.approval import vote
from liftgate.domain.common import plain
from liftgate.domain.common.value import Value
from liftgate.domain.secrets.masking import masked, masked_text
from liftgate.errors import LiftgateError
from liftgate.server import signed_in
from liftgate.server.render import status_of
from liftgate.server.state import ServerState
from liftgate.services.record_vote import Answer, record_vote


class Ask(Value):
    """The fields that a form or a JSON body sends."""

    plan: str
    """The whole digest of the plan that was shown."""
    shown: str
    """The digest of what was shown besides it."""
    decision: vote.Decision
    reason: str = ""


async def answer(request: Request, asked: Ask, through: vote.Through) -> tuple[int, Answer]:
    """HTTP status and answer; a Liftgate error becomes a sentence."""
    state: ServerState = request.app.state.state
    if not signed_in.is_ours(state, request):
        return 403, Answer(sentence="another site sent this request, so nothing was decided", accepted=False)
    try:
        return await run_in_threadpool(_decided, state, request, asked, through)
    except LiftgateError as error:
        return status_of(error), Answer(
            sentence=masked_text(f"your decision was not recorded: {error}"), accepted=False
        )


def _decided(state: ServerState, request: Request, asked: Ask, through: vote.Through) -> tuple[int, Answer]:
    who = signed_in.who(state, request)
    if who is None:
        return 401, Answer(sentence="sign in first: the server does not know who you are", accepted=False)
    if not who.known:
        told = f"{who.name} is not in people of liftgate.json and may not decide"
        return 403, Answer(sentence=told, accepted=False)
    answer = record_vote(
        state.at,
        promotion_id=str(request.path_params["id"]),
        plan=asked.plan,
        shown=asked.shown,
        person=who.name,
        decision=asked.decision,
        reason=masked(plain.checked_line("reason", asked.reason))[:500],
        through=through,
    )
    return (200 if answer.accepted else 409), answer
