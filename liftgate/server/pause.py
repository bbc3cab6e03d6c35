"""The page that pauses and resumes promotions, for a person without a clone."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.domain.common import plain
from liftgate.errors import LiftgateError
from liftgate.integrations.git.repository import Author
from liftgate.server import signed_in
from liftgate.server.body import form
from liftgate.server.render import page, status_of
from liftgate.server.state import ServerState
from liftgate.services import pauses


def show(request: Request, answer: str = "", status: int = 200) -> Response:
    state: ServerState = request.app.state.state
    state.looked.set()
    try:
        shown = {
            "pauses": state.at.pauses(),
            "environments": state.configuration.order,
            "hint": signed_in.hindered(state, request, "pause promotions or resume them"),
            "answer": answer,
        }
    except LiftgateError as error:
        return page(request, "trouble.html", {"sentence": str(error)}, status=503)
    return page(request, "pause.html", shown, status=status)


async def change(request: Request) -> Response:
    """Pause or resume by the form, then show the page again."""
    fields = await form(request)
    try:
        said, status = await run_in_threadpool(_changed, request, fields)
    except LiftgateError as error:
        said, status = f"nothing was changed: {error}", status_of(error)
    if said:
        return await run_in_threadpool(show, request, said, status)
    return RedirectResponse("/pause", status_code=303)


def _changed(request: Request, fields: dict[str, str]) -> tuple[str, int]:
    """What went wrong, and an HTTP status; an empty sentence on success. Raises Refused, Unavailable."""
    state: ServerState = request.app.state.state
    known, who = state.configuration.people, signed_in.who(state, request)
    if not signed_in.is_ours(state, request):
        return "another site sent this request, so nothing was changed", 403
    if (problem := signed_in.hindered(state, request, "change this")) or who is None:
        return problem, 401 if who is None else 403
    environment, reason = fields.get("environment", ""), plain.checked_line("reason", fields.get("reason", ""))
    if environment:
        state.tree.environment(environment)
    state.git.fetch()
    if fields.get("what") == "resume":
        pauses.resume(state.at, who.name, environment)
    elif not reason:
        return "give a reason: every waiting promotion shows it", 422
    else:
        person = known.get(who.name)
        author = Author(name=who.name, email=person.email if person and person.email else state.at.author.email)
        pauses.pause(state.at, who.name, environment, reason, author)
    state.board.forget()
    return "", 200
