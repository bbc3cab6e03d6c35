"""One server for a whole test run; each test puts its own application on it."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class Stage:
    """Starting and stopping a server for each test would take longer than the tests."""

    def __init__(self) -> None:
        self.url = ""
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.app is not None:
            await self.app(scope, receive, send)
