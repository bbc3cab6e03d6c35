"""Who sent a request, and whether one of our pages made the browser send it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from liftgate.domain.config import people
from liftgate.domain.config.people import Who
from liftgate.integrations.identity.proxy import named_person
from liftgate.server.state import ServerState
from liftgate.services import session
from liftgate.services.session import Session

_PORTS = {"http": 80, "https": 443}


def who(state: ServerState, request: Request) -> Who | None:
    """From the trusted proxy's header, else from our cookie; None without proof. Reads Git: call it in a thread.

    Raises Unavailable if it is unknown whether the session ended.
    """
    if claim := by_proxy(state, request):
        return people.by_proxy(state.in_force, claim, state.at.forge.login)
    mine = session_of(state, request)
    if mine is None or state.ended.noted(mine.nonce):
        return None
    person = people.by_claim(state.in_force, mine.claim)
    if mine.known and person != Who(name=mine.person, known=True):
        state.ended.first(mine.nonce)  # also if the person comes back to `people`
        return None
    return person


def session_of(state: ServerState, request: Request) -> Session | None:
    """The session of our cookie, also one that ended early."""
    token = request.cookies.get(cookie_name(state), "")
    return session.read(state.at, Session, token) if token and is_configured(state) else None


def cookie_name(state: ServerState) -> str:
    """With the prefix, browsers accept the cookie only over https and never from another host of the domain."""
    return "__Host-liftgate" if is_https(state) else "liftgate"


def is_https(state: ServerState) -> bool:
    return state.at.settings.server.url.startswith("https://")


def by_proxy(state: ServerState, request: Request) -> str:
    """Whom the trusted proxy names; empty if there is none."""
    server = state.at.settings.server
    peer = request.client.host if request.client else ""
    if not server.trusted_header:
        return ""
    return named_person(request.headers.getlist(server.trusted_header), peer, server.trusted_proxies)


def is_configured(state: ServerState) -> bool:
    """Whether sign-in is possible; if not, the pages are read-only."""
    return not _missing(state)


def _missing(state: ServerState) -> str:
    server = state.at.settings.server
    if not server.signing_key.get_secret_value():
        return "the Liftgate server has no signing key"
    return "" if server.url else "the Liftgate server does not know its address, set LIFTGATE_SERVER__URL"


def hindered(state: ServerState, request: Request, what: str) -> str:
    """Why the sender may not do it; empty for a proven person in `people`. `what` is a verb, such as `decide`."""
    if missing := _missing(state):
        return f"sign-in is not possible: {missing}; this page is read-only"
    person = who(state, request)
    if person is None:
        return f"sign in to {what}"
    return "" if person.known else f"{person.name} is not in people of liftgate.json and may not {what}"


def is_ours(state: ServerState, request: Request) -> bool:
    """Against forged cross-site requests, beside the cookie's SameSite: a browser names the site that sends a POST.

    Only the configured address is ours. The Host header proves nothing: an attacker's name can lead to our address.
    JSON without an Origin does not come from another site: its browser would have to ask us first.
    """
    origin = request.headers.get("origin", "")
    if not origin:
        return request.headers.get("content-type", "").startswith("application/json")
    ours = _site(state.at.settings.server.url)
    return ours is not None and _site(origin) == ours


def _site(address: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port; None for what is no address."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
