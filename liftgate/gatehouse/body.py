"""A request's body, within a limit."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

_LARGEST_FORM = 65_536


async def read(request: Request, largest: int) -> bytes | None:
    """The raw bytes; None as soon as there are more than `largest`, whatever the header promised."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)


async def form(request: Request) -> dict[str, str]:
    """The fields of one of our own forms, which are urlencoded; empty for anything else, or too much of it."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    data = await read(request, _LARGEST_FORM)
    return dict(parse_qsl((data or b"").decode(errors="replace"), keep_blank_values=True))
