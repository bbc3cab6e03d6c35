"""Pages from templates: escaped, without anything from elsewhere, and with a policy that says so to the browser."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from liftgate.errors import LiftgateError, Refused
from liftgate.gatehouse import signed_in
from liftgate.gatehouse.house import House
from liftgate.gatehouse.words import span

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
    """The page for whoever looks at it. Reads Git: call it in a thread."""
    house: House = request.app.state.house
    try:
        who = signed_in.who(house, request)
    except LiftgateError:
        who = None
    now = house.at.clock.now()
    common = {"who": who, "now": now, "is_open": signed_in.is_configured(house), "ago": lambda when: _ago(now, when)}
    text = _templates().get_template(template).render({**common, **values})
    return HTMLResponse(text, status_code=status, headers=HEADERS)


def status_of(error: LiftgateError) -> int:
    """Of the answer that says it: a rule's no is the asker's, all else is ours."""
    return 409 if isinstance(error, Refused) else 503


def _ago(now: datetime, when: datetime) -> str:
    return span((now - when).total_seconds())


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("liftgate.gatehouse"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
