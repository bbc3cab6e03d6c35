"""Pages from templates: escaped, with nothing from other sites, and with a policy that tells the browser so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from liftgate.domain.common.plain import visible
from liftgate.errors import LiftgateError, Refused
from liftgate.server import signed_in
from liftgate.server.state import ServerState
from liftgate.server.words import span

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def page(request: Request, template: str, values: Mapping[str, Any], status: int = 200) -> HTMLResponse:
    """The page for the person who requests it. Reads Git: call it in a thread."""
    state: ServerState = request.app.state.state
    try:
        who = signed_in.who(state, request)
    except LiftgateError:
        who = None
    now = state.at.clock.now()
    common: dict[str, Any] = {
        "who": who,
        "now": now,
        "is_open": signed_in.is_configured(state),
        "ago": lambda when: _ago(now, when),
    }
    common |= {"here": here(request), "by_proxy": bool(signed_in.by_proxy(state, request))}
    text = _templates().get_template(template).render({**common, **values})
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def here(request: Request) -> str:
    """The path to come back to after sign-in: a page that a person can look at."""
    path = request.url.path
    return "/" if request.method != "GET" or path.startswith("/sign-in") else path


def status_of(error: LiftgateError) -> int:
    """409 when a rule forbids it, 503 for any other error."""
    return 409 if isinstance(error, Refused) else 503


def _ago(now: datetime, when: datetime) -> str:
    return span((now - when).total_seconds())


def _visible(value: Any) -> Any:
    """Every text that a template shows; what templates themselves made of such texts says that it is HTML."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("liftgate.server"),
        autoescape=select_autoescape(default=True),
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
