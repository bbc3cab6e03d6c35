"""Who sent a request, and whether a page of ours made the browser send it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

from liftgate.domain import people
from liftgate.domain.people import Who
from liftgate.gatehouse.house import House
from liftgate.services import session


def who(house: House, request: Request) -> Who | None:
    """By the trusted proxy's header, else by our cookie; None when nobody proved it. Reads Git: call it in a thread."""
    if claim := _claim(house, request):
        return people.by_proxy(house.configuration, claim, house.at.forge.login)
    token = request.cookies.get(session.COOKIE, "")
    ticket = session.read(house.at, "cookie", token) if token and is_configured(house) else None
    return people.by_name(house.configuration, ticket.person) if ticket else None


def is_configured(house: House) -> bool:
    """Whether anybody could sign in at all: without, the pages only show."""
    gatehouse = house.at.settings.gatehouse
    return bool(gatehouse.signing_key.get_secret_value())


def hindered(house: House, request: Request, what: str) -> str:
    """Why whoever asks may not do it; empty for a proven person of ours. `what` is a verb, such as `decide`."""
    if not is_configured(house):
        return "nobody can sign in here: the gatehouse has no signing key, so this page only shows"
    person = who(house, request)
    if person is None:
        return f"sign in to {what}: by your company's proxy, or with a link that liftgate approve makes"
    return "" if person.known else f"{person.name} is nobody in people of liftgate.json, so may not {what}"


def is_ours(house: House, request: Request) -> bool:
    """Against forged cross-site requests, beside the cookie's SameSite: a browser names the page a POST comes from.

    JSON without an Origin comes from no browser: a page elsewhere cannot send it without asking us first.
    """
    origin = request.headers.get("origin", "")
    if not origin:
        json = request.headers.get("content-type", "").startswith("application/json")
        return json or request.headers.get("sec-fetch-site", "") == "same-origin"
    ours = {request.headers.get("host", ""), urlsplit(house.at.settings.gatehouse.url).netloc}
    return origin != "null" and urlsplit(origin).netloc in ours - {""}


def _claim(house: House, request: Request) -> str:
    gatehouse = house.at.settings.gatehouse
    peer = request.client.host if request.client else ""
    if not gatehouse.trusted_header or peer not in gatehouse.trusted_proxies:
        return ""
    return request.headers.get(gatehouse.trusted_header, "").strip()
