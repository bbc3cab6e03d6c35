"""A request's body, within limits of size, time and memory: its sender has proven nothing yet."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

LARGEST_FORM: Final = 65_536
WITHIN: Final = 10.0
"""Seconds in which the whole body must arrive."""
ROOM: Final = 16_000_000
"""Bytes that all bodies that are being read may hold together."""
_FIELDS: Final = 50


class Unread(Exception):
    """The body is not read, or not to its end: what still comes of it is dropped."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Room:
    """How much all bodies hold now, and how long each may take. Only the event loop's thread uses it."""

    def __init__(self, size: int = ROOM, within: float = WITHIN) -> None:
        self._size, self.held, self.within = size, 0, within

    def take(self, number: int) -> None:
        if self.held + number > self._size:
            raise Unread(429, "the Liftgate server reads too many requests at the moment; send it again later")
        self.held += number

    def give_back(self, number: int) -> None:
        self.held -= number


async def limited_body(request: Request, largest: int) -> bytes:
    """The raw bytes. Raises Unread; a body that its header says is too large is not read at all."""
    length = request.headers.get("content-length", "")
    if length and not (length.isascii() and length.isdigit() and len(length) < 20 and int(length) <= largest):
        raise _too_large(largest)
    room: Room = request.app.state.room
    body = bytearray()
    try:
        async with asyncio.timeout(room.within):
            async for chunk in request.stream():
                room.take(len(chunk))
                body += chunk
                if len(body) > largest:
                    raise _too_large(largest)
    except TimeoutError:
        raise Unread(408, f"the body did not arrive within {room.within:g} s") from None
    except ClientDisconnect:
        raise Unread(400, "the connection ended before the body did") from None
    finally:
        room.give_back(len(body))
    return bytes(body)


async def form(request: Request) -> dict[str, str]:
    """The fields of one of our urlencoded forms; empty for any other content. Raises Unread."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    data = await limited_body(request, LARGEST_FORM)
    try:
        return dict(parse_qsl(data.decode(errors="replace"), keep_blank_values=True, max_num_fields=_FIELDS))
    except ValueError:
        return {}


async def unread(request: Request, error: Exception) -> Response:
    """The answer to a request whose body was not read: one sentence."""
    if not isinstance(error, Unread):
        raise error
    headers = {"retry-after": "5"} if error.status == 429 else {}
    if request.url.path.startswith("/api/"):
        return JSONResponse({"sentence": error.sentence}, status_code=error.status, headers=headers)
    return PlainTextResponse(f"{error.sentence}\n", status_code=error.status, headers=headers)


def _too_large(largest: int) -> Unread:
    return Unread(413, f"at most {largest} bytes")
