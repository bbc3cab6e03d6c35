"""A tiny real server that receives webhooks and keeps what came."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from liftgate_sandbox.serve import serve
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SECRET = "hush"


class Received(NamedTuple):
    """One delivery: its event, its JSON, and the raw request."""

    event: str
    payload: dict[str, Any]
    headers: dict[str, str]
    body: bytes

    def is_signed(self) -> bool:
        mac = hmac.new(SECRET.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers["x-hub-signature-256"], f"sha256={mac}")


class Receiver:
    """Answers 500 while `broken`, and keeps the delivery all the same."""

    def __init__(self) -> None:
        self.url = ""
        self.broken = False
        self._came: queue.Queue[Received] = queue.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        headers = dict(request.headers)
        self._came.put(Received(headers["x-github-event"], json.loads(body), headers, body))
        await Response(status_code=500 if self.broken else 204)(scope, receive, send)

    def next(self) -> Received:
        return self._came.get(timeout=10)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    with serve(receiver) as served:
        receiver.url = served.url
        yield receiver
