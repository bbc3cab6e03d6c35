"""Sign in with a one-time link or at the OpenID Connect provider."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from liftgate.domain.config import people
from liftgate.domain.config.people import Claim
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.identity import SignInSecrets
from liftgate.server import signed_in
from liftgate.server.body import form
from liftgate.server.render import page
from liftgate.server.state import ServerState
from liftgate.services import session
from liftgate.services.session import CALLBACK, Link, Session, SignIn

log = logging.getLogger(__name__)
ELSEWHERE: Final = "another site sent this request, or you use another address than LIFTGATE_SERVER__URL"
_OLD: Final = "this link was used, it is older than ten minutes, or this server did not make it"
_LOST: Final = "your browser did not begin this sign-in here, or it took longer than ten minutes"


def show(request: Request) -> Response:
    """GET changes nothing: a program that previews the link must not use it up."""
    state: ServerState = request.app.state.state
    token, to = request.query_params.get("ticket", ""), _here(request.query_params.get("to", "/"))
    if not signed_in.is_configured(state) or not token:
        return sign_in_page(request, to)
    ticket = session.read(state.at, Link, token)
    if ticket is None:
        return sign_in_page(request, to, problem=_OLD, status=403)
    return sign_in_page(request, to, ticket=ticket, token=token)


async def use(request: Request) -> Response:
    """Use the link up."""
    fields = await form(request)
    return await run_in_threadpool(_use, request, fields.get("ticket", ""), _here(fields.get("to", "/")))


def _use(request: Request, token: str, to: str) -> Response:
    state: ServerState = request.app.state.state
    if not signed_in.is_configured(state) or not signed_in.is_ours(state, request):
        return sign_in_page(request, to, problem=ELSEWHERE, status=403)
    ticket = session.read(state.at, Link, token)
    try:
        if ticket is None or state.links.noted(ticket.nonce):
            return sign_in_page(request, to, problem=_OLD, status=403)
        response = _signed_in(state, Claim(kind="name", value=ticket.person), to)
        # The link is used up last: what fails before that must not cost the person the link.
        return response if state.links.first(ticket.nonce) else sign_in_page(request, to, problem=_OLD, status=403)
    except LiftgateError as error:
        return _failed(request, to, error)


def begin(request: Request) -> Response:
    """Send the browser to the provider. Its cookie has the secrets that must fit when it comes back."""
    state: ServerState = request.app.state.state
    to, provider = _here(request.query_params.get("to", "/")), state.at.identity
    if provider is None or not signed_in.is_configured(state):
        return sign_in_page(request, to, status=404)
    own = SignInSecrets(state=_secret(), nonce=_secret(), verifier=_secret())
    try:
        response = RedirectResponse(provider.address(own, state.at.address(CALLBACK)), status_code=303)
    except LiftgateError as error:
        return _failed(request, to, error)
    kept = SignIn(own=own, to=to, until=state.at.clock.now() + session.SIGN_IN_LIFE)
    _keep(state, response, _sign_in_cookie(state), session.seal(state.at, kept), session.SIGN_IN_LIFE)
    return response


def finish(request: Request) -> Response:
    """The browser comes back from the provider."""
    state: ServerState = request.app.state.state
    provider, token = state.at.identity, request.cookies.get(_sign_in_cookie(state), "")
    if provider is None or not signed_in.is_configured(state):
        return sign_in_page(request, "/", status=404)
    begun = session.read(state.at, SignIn, token)
    if begun is None:
        return sign_in_page(request, "/", problem=_LOST, status=403)
    try:
        claim = provider.claim(request.query_params, begun.own, state.at.address(CALLBACK))
        response = _signed_in(state, claim, begun.to)
    except LiftgateError as error:
        response = _failed(request, begun.to, error)
    forget(state, response, _sign_in_cookie(state))
    return response


def _signed_in(state: ServerState, claim: Claim, to: str) -> Response:
    life = timedelta(hours=state.at.settings.server.session_hours)
    who = people.by_claim(state.in_force, claim)
    made = Session(claim=claim, person=who.name, known=who.known, until=state.at.clock.now() + life)
    response = RedirectResponse(to, status_code=303)
    _keep(state, response, signed_in.cookie_name(state), session.seal(state.at, made), life)
    return response


def _failed(request: Request, to: str, error: LiftgateError) -> Response:
    """403 if the sign-in proves nothing, 503 if it is unknown or set up wrongly: the log tells administrators more."""
    log.warning("a sign-in failed: %s", error)
    return sign_in_page(request, to, problem=str(error), status=403 if isinstance(error, Refused) else 503)


def sign_in_page(
    request: Request, to: str, *, ticket: Link | None = None, token: str = "", problem: str = "", status: int = 200
) -> Response:
    state: ServerState = request.app.state.state
    provider = state.at.identity
    shown = {"ticket": ticket, "token": token, "to": to, "problem": problem}
    shown |= {"provider": provider.title if provider else "", "proxy": state.at.settings.server.trusted_header}
    return page(request, "sign_in.html", shown, status=status)


def _keep(state: ServerState, response: Response, name: str, value: str, life: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=signed_in.is_https(state),
    )


def forget(state: ServerState, response: Response, name: str) -> None:
    response.delete_cookie(name, httponly=True, samesite="lax", secure=signed_in.is_https(state))


def _sign_in_cookie(state: ServerState) -> str:
    return f"{signed_in.cookie_name(state)}-sign-in"


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _here(to: str) -> str:
    """Only a path of this server: after sign-in no link leads to another site."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() else "/"
