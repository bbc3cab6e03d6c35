"""Signing in by a one-time link, and out."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.gatehouse import signed_in
from liftgate.gatehouse.body import form
from liftgate.gatehouse.house import House
from liftgate.gatehouse.render import page
from liftgate.services import session


def show(request: Request) -> Response:
    """GET changes nothing: what previews a link must not use it up."""
    house: House = request.app.state.house
    token, to = request.query_params.get("ticket", ""), _here(request.query_params.get("to", "/"))
    ticket = session.read(house.at, "link", token) if token and signed_in.is_configured(house) else None
    return page(request, "sign_in.html", {"ticket": ticket, "token": token, "to": to}, status=200 if ticket else 403)


async def use(request: Request) -> Response:
    house: House = request.app.state.house
    fields = await form(request)
    token, to = fields.get("ticket", ""), _here(fields.get("to", "/"))
    if not signed_in.is_ours(house, request) or not signed_in.is_configured(house):
        return Response("this came from a page elsewhere", status_code=403)
    ticket = session.read(house.at, "link", token)
    if ticket is None or not house.links.first(ticket.nonce):
        return await run_in_threadpool(
            page, request, "sign_in.html", {"ticket": None, "token": "", "to": to}, status=403
        )
    response = RedirectResponse(to, status_code=303)
    cookie = session.make(house.at, "cookie", ticket.person, session.COOKIE_LIFE)
    response.set_cookie(
        session.COOKIE,
        cookie,
        max_age=int(session.COOKIE_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=house.at.settings.gatehouse.url.startswith("https://"),
    )
    return response


async def leave(request: Request) -> Response:
    response = RedirectResponse("/", status_code=303)
    if signed_in.is_ours(request.app.state.house, request):
        response.delete_cookie(session.COOKIE, httponly=True, samesite="lax")
    return response


def _here(to: str) -> str:
    """Only a path of ours: no link leads elsewhere after signing in."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and "\n" not in to else "/"
