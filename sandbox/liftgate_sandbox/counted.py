"""Counts the requests that a server of the sandbox gets, so that people see what one promotion costs."""

from __future__ import annotations

import base64
import binascii
from collections import Counter

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PATH = "/sandbox/requests"
OPEN = "/sandbox/open-requests"


class Counted:
    """The application, and at `GET /sandbox/requests` how many requests of each method it got before that one; those of
    git, which sign in with a user name, count apart (`argocd POST`). At `GET /sandbox/open-requests`, how many of them
    are not answered yet."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._got: Counter[str] = Counter()
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if scope["path"] == PATH:
            return await JSONResponse(self._got)(scope, receive, send)
        if scope["path"] == OPEN:
            return await JSONResponse(self._open)(scope, receive, send)
        self._got[f"{_user(scope)} {scope['method']}".strip()] += 1
        self._open += 1
        try:
            return await self._app(scope, receive, send)
        finally:
            self._open -= 1


def _user(scope: Scope) -> str:
    """The name of basic authentication; empty without."""
    scheme, _, given = dict(scope["headers"]).get(b"authorization", b"").partition(b" ")
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0] if scheme.lower() == b"basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
