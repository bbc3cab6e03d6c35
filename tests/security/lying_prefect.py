"""A Prefect server that answers what it likes, and remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from liftgate_sandbox.serve import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = "user:prefects-own-secret"
PROGRAM = "<script>fetch('/promotions')</script>"


@dataclass
class LyingPrefect:
    url: str = ""
    asked: list[Request] = field(default_factory=list)
    size: int = 0
    """Bytes of its answers, if it is to say much."""
    hangs: bool = False
    status: int = 200

    def begin_anew(self) -> None:
        self.asked, self.size, self.hangs, self.status = [], 0, False, 200

    async def answer(self, request: Request) -> Response:
        await request.body()
        self.asked.append(request)
        if self.hangs:
            await asyncio.sleep(60)
        headers = {
            "set-cookie": "liftgate=stolen; Path=/",
            "access-control-allow-origin": "*",
            "location": "https://evil.example/",
            "content-security-policy": "default-src *",
        }
        return Response("x" * self.size or PROGRAM, self.status, headers, media_type="text/html")

    @property
    def paths(self) -> list[str]:
        return [f"{request.method} {request.scope['raw_path'].decode()}" for request in self.asked]


@contextmanager
def lying_prefect() -> Iterator[LyingPrefect]:
    prefect = LyingPrefect()
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    with serve(Starlette(routes=[Route("/{path:path}", prefect.answer, methods=every)])) as served:
        prefect.url = f"{served.url}/api"
        yield prefect
