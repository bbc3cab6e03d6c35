"""The pages for people: the board, a promotion, the history."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.domain import gate as rules
from liftgate.domain import rendered_text, restore
from liftgate.domain.diff_text import SIGNS, summary
from liftgate.errors import LiftgateError
from liftgate.gatehouse import decisions, going_back, signed_in
from liftgate.gatehouse.body import form
from liftgate.gatehouse.decisions import Ask
from liftgate.gatehouse.house import House
from liftgate.gatehouse.render import page, status_of
from liftgate.services import details as cases
from liftgate.services import restore as restoring
from liftgate.services.details import Case

_HISTORY = 200


def board(request: Request) -> Response:
    house: House = request.app.state.house
    try:
        shown = house.board.get()
        return page(request, "board.html", {"board": shown, "choices": shown.choices})
    except LiftgateError as error:
        return _trouble(request, error)


def history(request: Request) -> Response:
    house: House = request.app.state.house
    house.looked.set()
    try:
        house.git.prepare()
        entries = house.at.entries()
    except LiftgateError as error:
        return _trouble(request, error)
    shown = {"entries": list(reversed(entries))[:_HISTORY], "choices": restore.choices(entries)}
    return page(request, "history.html", shown)


def promotion(request: Request, answer: str = "", status: int = 200) -> Response:
    house: House = request.app.state.house
    house.looked.set()
    try:
        case = cases.read(house.at, str(request.path_params["id"]))
        if case is None:
            return page(request, "trouble.html", {"sentence": "there is no such promotion"}, status=404)
        hint = may(house, request, case)
        can_return = case.entry is not None and restoring.is_worth_it(house.at, case.entry)
    except LiftgateError as error:
        return _trouble(request, error)
    shown = {"case": case, "hint": hint, "answer": answer, "signs": SIGNS, "can_return": can_return}
    shown |= {
        "cluster": rendered_text.TITLE,
        "cluster_signs": rendered_text.SIGNS,
        "cluster_says": rendered_text.sentence,
    }
    shown["summary"] = summary(case.plan) if case.plan else ""
    return page(request, "promotion.html", shown, status=status)


def may(house: House, request: Request, case: Case) -> str:
    """Why the person who looks may not decide here; empty when they may."""
    if case.question is None:
        return "nothing to decide"
    who = signed_in.who(house, request)
    if (problem := signed_in.hindered(house, request, "decide")) or who is None:
        return problem
    stored = next((vote for vote in case.question.votes if vote.person == who.name), None)
    if stored:
        return f"you have already {'approved' if stored.decision == 'approve' else 'refused'} this"
    verdict = rules.may_vote(who.name, case.question.requester, case.question.approvals)
    return case.question.trouble if verdict.passed else verdict.reason


async def decision(request: Request) -> Response:
    """The form's way to decide; afterwards the page again, with what came of it."""
    try:
        asked = Ask.model_validate(await form(request))
    except ValidationError:
        return await run_in_threadpool(promotion, request, "the form was not complete; try again", 422)
    status, answer = await decisions.answer(request, asked, "page")
    if answer.accepted:
        return RedirectResponse(request.url.path.removesuffix("/decision"), status_code=303)
    return await run_in_threadpool(promotion, request, answer.sentence, status)


def rollback(request: Request, answer: str = "", status: int = 200) -> Response:
    """What going back to this promotion would change, with the button that does it."""
    house: House = request.app.state.house
    house.looked.set()
    try:
        way = restoring.look(house.at, str(request.path_params["id"]))
        hint = going_back.may(house, request)
    except LiftgateError as error:
        return _trouble(request, error)
    if way is None:
        return page(request, "trouble.html", {"sentence": "there is no such promotion"}, status=404)
    known = {entry.promotion: entry for entry in house.at.entries(way.entry.application)}
    shown = {"way": way, "known": known, "hint": hint, "answer": answer, "signs": SIGNS, "summary": summary(way.plan)}
    return page(request, "rollback.html", shown, status=status)


async def go_back(request: Request) -> Response:
    """The form's way to roll back; afterwards the page of the rollback."""
    try:
        asked = going_back.Ask.model_validate(await form(request))
    except ValidationError:
        return await run_in_threadpool(rollback, request, "the form was not complete; try again", 422)
    status, answer = await going_back.answer(request, asked)
    if answer.id:
        return RedirectResponse(f"/promotions/{answer.id}", status_code=303)
    return await run_in_threadpool(rollback, request, answer.sentence, status)


def _trouble(request: Request, error: LiftgateError) -> Response:
    return page(request, "trouble.html", {"sentence": str(error)}, status=status_of(error))
