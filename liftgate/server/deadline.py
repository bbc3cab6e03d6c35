"""One deadline for each request as a whole, whatever the programs that Liftgate asks for it do."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from liftgate.integrations.time_limit import time_limit

READ: Final = 6.0
"""Seconds for a request that changes nothing."""
CHANGE: Final = 20.0
"""Seconds for any other request."""
_GRACE: Final = 4.0
"""Seconds more, in which the reason can still be said, and after which the request ends in any case."""
_SENTENCE: Final = "the Liftgate server could not answer in time; try again in a moment"


class Deadline:
    def __init__(self, app: ASGIApp, read: float = READ, change: float = CHANGE, grace: float = _GRACE) -> None:
        self._app, self._read, self._change, self._grace = app, read, change, grace

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        seconds = self._read if scope["method"] in ("GET", "HEAD") else self._change
        try:
            async with asyncio.timeout(seconds + self._grace) as limit:
                with time_limit(seconds):
                    await self._app(scope, receive, noted)
        except TimeoutError:
            if not limit.expired():
                raise
            if not has_begun:
                await _late(scope)(scope, receive, send)


def _late(scope: Scope) -> ASGIApp:
    headers = {"connection": "close", "retry-after": "5"}
    if scope["path"].startswith("/api/"):
        return JSONResponse({"sentence": _SENTENCE}, status_code=504, headers=headers)
    return PlainTextResponse(f"{_SENTENCE}\n", status_code=504, headers=headers)
