"""How often one network address may try to sign in: a program that guesses, or that fills the server, waits."""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from inspect import iscoroutinefunction
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from liftgate.integrations.identity.proxy import is_proxy, plain_address
from liftgate.server.sign_in import ELSEWHERE, sign_in_page
from liftgate.server.state import ServerState
from liftgate.server.words import span

Answer = Callable[[Request], Any]
_FORWARDED: Final = "x-forwarded-for"
_NETWORK: Final = 64
"""Bits of an IPv6 address that name a customer's network; its owner chooses the others."""


def limited(answer: Answer) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The same endpoint for addresses that did not try too often; the others get 429."""

    async def guarded(request: Request) -> Response:
        state: ServerState = request.app.state.state
        if not _is_try(request):
            return await _answered(answer, request)
        if _is_embedded(request):
            return await run_in_threadpool(_refused, request)
        address, limits = address_of(request, state.at.settings.server.trusted_proxies), state.sign_in_limits
        if wait := limits.failures.wait(address) or limits.tries.take(address):
            return await run_in_threadpool(_too_many, request, wait)
        response = await _answered(answer, request)
        if response.status_code == 403:
            limits.failures.take(address)
        return response

    return guarded


def address_of(request: Request, proxies: list[str]) -> str:
    """The sender's network address. A header names it only where a trusted proxy added it: the last address in it that
    is no such proxy's."""
    address = plain_address(request.client.host if request.client else "")
    named = ",".join(request.headers.getlist(_FORWARDED)).split(",")
    for each in reversed([plain_address(name) for name in named]):
        if not is_proxy(address, proxies) or not each:
            break
        address = each
    return _network(address)


def _network(address: str) -> str:
    """An IPv6 address stands for its whole network."""
    try:
        read = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((read, _NETWORK), strict=False)) if isinstance(read, IPv6Address) else address


def _is_try(request: Request) -> bool:
    """Not the page that only shows how to sign in."""
    return request.method == "POST" or request.url.path != "/sign-in" or "ticket" in request.query_params


async def _answered(answer: Answer, request: Request) -> Response:
    if iscoroutinefunction(answer):
        response: Response = await answer(request)
        return response
    return await run_in_threadpool(answer, request)


def _is_embedded(request: Request) -> bool:
    """Whether a browser asks for it as a part of a page: another site's page must not use up its visitors' tries."""
    return request.headers.get("sec-fetch-dest", "document") != "document"


def _refused(request: Request) -> Response:
    return sign_in_page(request, "/", problem=ELSEWHERE, status=403)


def _too_many(request: Request, wait: float) -> Response:
    seconds = math.ceil(wait)
    said = f"too many sign-ins came from your network address; try again in {span(seconds)}"
    response = sign_in_page(request, "/", problem=said, status=429)
    response.headers["retry-after"] = str(seconds)
    return response
