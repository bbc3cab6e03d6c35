"""The pages for people: the board, a promotion, the history."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.domain.approval import ballot
from liftgate.domain.planning.diff_text import SIGNS, summary
from liftgate.domain.promotion.board_page import page_of
from liftgate.domain.rendered import text as rendered_text
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import LiftgateError
from liftgate.integrations.ledger.past import past_of
from liftgate.server import decisions, rollbacks, signed_in
from liftgate.server.body import form
from liftgate.server.decisions import Ask
from liftgate.server.render import page, status_of
from liftgate.server.state import ServerState
from liftgate.services import promotion_page, rollback_target
from liftgate.services.promotion_page import PromotionDetails

_HISTORY = 200
_DIGITS = 7
"""A page has a shorter number."""


def board(request: Request) -> Response:
    state: ServerState = request.app.state.state
    try:
        shown = state.shown_board()
        part = page_of(shown, _number(request))
        return page(request, "board.html", {"board": shown, "part": part, "choices": shown.choices})
    except LiftgateError as error:
        return _trouble(request, error)


def _number(request: Request) -> int:
    """Of the page that is asked for; the first for what is no number."""
    wanted = request.query_params.get("page", "")
    return int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < _DIGITS else 1


def history(request: Request) -> Response:
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        state.git.prepare()
        past = past_of(state.git, state.tree.signers)
        shown = {"entries": past.newest(_HISTORY), "choices": past.choices}
    except LiftgateError as error:
        return _trouble(request, error)
    return page(request, "history.html", shown)


def promotion(request: Request, answer: str = "", status: int = 200) -> Response:
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        details = promotion_page.promotion_details(state.at, str(request.path_params["id"]))
        if details is None:
            return page(request, "trouble.html", {"sentence": "there is no such promotion"}, status=404)
        hint = why_not(state, request, details)
        can_return = details.entry is not None and rollback_target.is_worth_it(state.at, details.entry)
    except LiftgateError as error:
        return _trouble(request, error)
    shown = {"details": details, "hint": hint, "answer": answer, "signs": SIGNS, "can_return": can_return}
    shown |= {
        "cluster": rendered_text.TITLE,
        "cluster_signs": rendered_text.SIGNS,
        "cluster_says": rendered_text.rendered_sentence,
    }
    shown["asks_again"] = details.approval is not None and details.approval.asks_again
    shown["summary"] = summary(details.plan) if details.plan else ""
    return page(request, "promotion.html", shown, status=status)


def why_not(state: ServerState, request: Request, details: PromotionDetails) -> str:
    """Why this person may not decide; empty when they may."""
    if details.approval is None:
        return "nothing to decide"
    who = signed_in.who(state, request)
    if (problem := signed_in.hindered(state, request, "decide")) or who is None:
        return problem
    stored = next((vote for vote in details.approval.votes if vote.person == who.name), None)
    if stored:
        return f"you have already {'approved' if stored.decision == 'approve' else 'rejected'} this"
    verdict = ballot.may_vote(who.name, details.approval.ballot)
    return details.approval.trouble if verdict.passed else verdict.reason


async def decision(request: Request) -> Response:
    """Decide by the form, then show the page again with the result."""
    try:
        asked = Ask.model_validate(await form(request))
    except ValidationError:
        return await run_in_threadpool(promotion, request, "the form was not complete; try again", 422)
    status, answer = await decisions.answer(request, asked, "page")
    if answer.accepted:
        return RedirectResponse(request.url.path.removesuffix("/decision"), status_code=303)
    return await run_in_threadpool(promotion, request, answer.sentence, status)


def rollback(request: Request, answer: str = "", status: int = 200) -> Response:
    """What a rollback to this promotion would change, with the button that starts it."""
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        way = rollback_target.restore_option(state.at, str(request.path_params["id"]))
        hint = rollbacks.why_not(state, request)
    except LiftgateError as error:
        return _trouble(request, error)
    if way is None:
        return page(request, "trouble.html", {"sentence": "there is no such promotion"}, status=404)
    known = {entry.promotion: entry for entry in state.at.entries(way.entry.application)}
    shown = {"way": way, "known": known, "hint": hint, "answer": answer, "signs": SIGNS, "summary": summary(way.plan)}
    return page(request, "rollback.html", shown, status=status)


async def go_back(request: Request) -> Response:
    """Roll back by the form, then show the page of the rollback."""
    try:
        asked = rollbacks.Ask.model_validate(await form(request))
    except ValidationError:
        return await run_in_threadpool(rollback, request, "the form was not complete; try again", 422)
    status, answer = await rollbacks.answer(request, asked)
    if answer.id:
        return RedirectResponse(f"/promotions/{answer.id}", status_code=303)
    return await run_in_threadpool(rollback, request, answer.sentence, status)


def _trouble(request: Request, error: LiftgateError) -> Response:
    return page(request, "trouble.html", {"sentence": masked_text(str(error))}, status=status_of(error))
