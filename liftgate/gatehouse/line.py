"""Stopping the line, and letting it go on, by a page of its own: for whoever is woken at night and has no clone."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.domain import plain
from liftgate.errors import LiftgateError
from liftgate.gatehouse import signed_in
from liftgate.gatehouse.body import form
from liftgate.gatehouse.house import House
from liftgate.gatehouse.render import page, status_of
from liftgate.integrations.git import stops
from liftgate.integrations.git.repository import Author


def show(request: Request, answer: str = "", status: int = 200) -> Response:
    house: House = request.app.state.house
    house.looked.set()
    try:
        shown = {
            "stops": stops.read(house.git),
            "environments": house.configuration.order,
            "may": not signed_in.hindered(house, request, "change this"),
            "answer": answer,
        }
    except LiftgateError as error:
        return page(request, "trouble.html", {"sentence": str(error)}, status=503)
    return page(request, "line.html", shown, status=status)


async def change(request: Request) -> Response:
    """The form's; afterwards the page again, with what is stopped now."""
    fields = await form(request)
    try:
        said, status = await run_in_threadpool(_changed, request, fields)
    except LiftgateError as error:
        said, status = f"nothing was changed: {error}", status_of(error)
    if said:
        return await run_in_threadpool(show, request, said, status)
    return RedirectResponse("/line", status_code=303)


def _changed(request: Request, fields: dict[str, str]) -> tuple[str, int]:
    """What is wrong, with an HTTP status; an empty sentence when it was done. Raises Refused, Unavailable."""
    house: House = request.app.state.house
    who = signed_in.who(house, request)
    if not signed_in.is_ours(house, request):
        return "this came from a page elsewhere, so nothing was changed", 403
    if (problem := signed_in.hindered(house, request, "change this")) or who is None:
        return problem, 401 if who is None else 403
    environment, reason = fields.get("environment", ""), plain.checked("reason", fields.get("reason", ""))
    if environment:
        house.tree.environment(environment)
    house.git.fetch()
    if fields.get("what") == "go on":
        stops.take_away(house.git, environment)
    elif not reason:
        return "say why: it is shown wherever something waits for it", 422
    else:
        person = house.configuration.people.get(who.name)
        author = Author(name=who.name, email=person.email if person and person.email else house.at.author.email)
        stops.put(house.git, environment, reason, author, house.at.clock.now())
    house.board.forget()
    return "", 200
