"""The door of a server of the sandbox, at which its requests are counted."""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send


class Door:
    """Counts what is asked for, by the last word of the path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self.asked = app, Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked[scope["path"].rpartition("/")[2]] += 1
        await self._app(scope, receive, send)
