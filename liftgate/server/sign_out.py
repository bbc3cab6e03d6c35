"""Sign out: of Liftgate, and at the OpenID Connect provider that signed the person in."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.errors import LiftgateError
from liftgate.server import signed_in
from liftgate.server.render import page
from liftgate.server.sign_in import ELSEWHERE, forget, sign_in_page
from liftgate.server.state import ServerState
from liftgate.services.session import Session

PATH: Final = "/sign-out"


def leave(request: Request) -> Response:
    """End the session everywhere: a copy of the cookie is worth nothing afterwards."""
    state: ServerState = request.app.state.state
    if not signed_in.is_ours(state, request):
        return sign_in_page(request, "/", problem=ELSEWHERE, status=403)
    mine = signed_in.session_of(state, request)
    response: Response = RedirectResponse(PATH if mine and _is_by_provider(mine) else "/", status_code=303)
    try:
        if mine:
            state.ended.first(mine.nonce)
    except LiftgateError as error:
        response = sign_in_page(request, "/", problem=f"only this browser is signed out: {error}", status=503)
    forget(state, response, signed_in.cookie_name(state))
    return response


def show(request: Request) -> Response:
    """Send the browser on to the provider. The form's own answer cannot: the policy of our pages lets no form lead to
    another site."""
    state: ServerState = request.app.state.state
    provider = state.at.identity
    if provider is None:
        return RedirectResponse("/", status_code=303)
    try:
        there = provider.sign_out_address(state.at.address("/"))
    except LiftgateError as error:
        said = f"you are signed out here, but perhaps not at {provider.title}: {error}"
        return sign_in_page(request, "/", problem=said, status=503)
    if not there:
        return RedirectResponse("/", status_code=303)
    response = page(request, "sign_out.html", {"provider": provider.title, "there": there})
    response.headers["refresh"] = f"0; url={there}"
    return response


def _is_by_provider(session: Session) -> bool:
    """A one-time link names the person; a provider tells an address or an id."""
    return session.claim.kind != "name"
