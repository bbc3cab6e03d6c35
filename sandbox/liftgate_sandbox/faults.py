"""Bad days on demand: faults armed at `/sandbox/faults` strike requests before or after the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Fault(BaseModel):
    """What is armed. Without `times` it stays; `method` and `path` (a part of it) narrow what it strikes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: str
    times: int | None = None
    method: str = ""
    path: str = ""
    seconds: float = 1.0


Act: TypeAlias = Callable[[Fault, ASGIApp, Scope, Receive, Send], Awaitable[None]]


class Kind(NamedTuple):
    """Which requests (method, path, headers) a fault strikes by itself, and what it does to them."""

    applies: Callable[[Request], bool]
    act: Act


class Faults:
    """The armed faults of one server; the oldest that applies strikes, one a request."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds
        self._armed: list[Fault] = []
        self._lock = threading.Lock()

    def arm(self, wanted: Mapping[str, Any]) -> Fault:
        """Raises ValueError for an unknown fault or field."""
        fault = Fault.model_validate(wanted)
        if fault.fault not in self._kinds:
            raise ValueError(f"Unknown fault {fault.fault!r}; known are {', '.join(sorted(self._kinds))}.")
        with self._lock:
            self._armed.append(fault)
        return fault

    def armed(self) -> list[Fault]:
        return list(self._armed)

    def clear(self) -> None:
        with self._lock:
            self._armed.clear()

    def take(self, request: Request) -> Fault | None:
        """The fault that strikes this request, counted down."""
        with self._lock:
            for place, fault in enumerate(self._armed):
                if self._strikes(fault, request):
                    self._armed[place : place + 1] = _left(fault)
                    return fault
        return None

    def around(self, app: ASGIApp) -> ASGIApp:
        """The application with its faults; the control calls below /sandbox are never struck."""

        async def faulty(scope: Scope, receive: Receive, send: Send) -> None:
            fault = self.take(Request(scope)) if scope["type"] == "http" else None
            if fault is None:
                await app(scope, receive, send)
            else:
                await self._kinds[fault.fault].act(fault, app, scope, receive, send)

        return faulty

    def route(self) -> Route:
        """POST arms, GET lists, DELETE disarms all."""
        return Route("/sandbox/faults", self._control, methods=["GET", "POST", "DELETE"])

    def _strikes(self, fault: Fault, request: Request) -> bool:
        path = request.url.path
        return (
            not path.startswith("/sandbox/")
            and self._kinds[fault.fault].applies(request)
            and fault.method in ("", request.method)
            and fault.path in path
        )

    async def _control(self, request: Request) -> Response:
        try:
            if request.method == "POST":
                self.arm(await request.json())
        except (ValueError, ValidationError) as error:
            return JSONResponse({"error": str(error)}, 400)
        if request.method == "DELETE":
            self.clear()
        return JSONResponse({"faults": [fault.model_dump() for fault in self.armed()]})


def _left(fault: Fault) -> list[Fault]:
    """What stays armed after one strike."""
    if fault.times is None:
        return [fault]
    return [fault.model_copy(update={"times": fault.times - 1})] if fault.times > 1 else []


def answer(make: Callable[[Fault], Response]) -> Act:
    """The request never reaches the server; this is said instead."""

    async def instead(fault: Fault, _: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await make(fault)(scope, receive, send)

    return instead


async def delay(fault: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The server takes `seconds` longer."""
    await asyncio.sleep(fault.seconds)
    await app(scope, receive, send)


async def lose(_: Fault, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """The server does its work; the connection breaks before a byte of the answer's body."""

    async def nowhere(_: Message) -> None:
        """Drop what the server says."""

    await app(scope, receive, nowhere)
    # A body that is announced and never comes makes any ASGI server cut the connection.
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
