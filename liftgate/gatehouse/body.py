"""A request's body, within a limit."""

from __future__ import annotations

from starlette.requests import Request


async def read(request: Request, largest: int) -> bytes | None:
    """The raw bytes; None as soon as there are more than `largest`, whatever the header promised."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)
