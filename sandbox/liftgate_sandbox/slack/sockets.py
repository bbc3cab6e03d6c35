"""Socket Mode: an app without a public address fetches what people do over a WebSocket that it opened itself.

docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooLate
from contextlib import suppress
from threading import Lock

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from liftgate_sandbox.slack.model import Json

_GONE = 4404


class Connection:
    def __init__(self, socket: WebSocket) -> None:
        self._socket, self._loop = socket, asyncio.get_running_loop()
        self._acks: dict[str, Future[Json]] = {}

    def deliver(self, envelope: Json, patience: float) -> Json | None:
        """What the app acknowledged it with, None when it did not in time. Not from the loop's own thread."""
        identity, text = envelope["envelope_id"], json.dumps(envelope)
        ack = self._acks[identity] = Future()
        asyncio.run_coroutine_threadsafe(self._socket.send_text(text), self._loop)
        try:
            return ack.result(patience)
        except TooLate:
            return None
        finally:
            self._acks.pop(identity, None)

    def hang_up(self) -> None:
        asyncio.run_coroutine_threadsafe(self._socket.close(), self._loop)

    async def listen(self) -> None:
        """Until the app hangs up."""
        hello = {"type": "hello", "num_connections": 1, "debug_info": {"host": "sandbox"}, "connection_info": {}}
        await self._socket.send_text(json.dumps(hello))
        while True:
            said = json.loads(await self._socket.receive_text())
            if (ack := self._acks.get(said.get("envelope_id", ""))) and not ack.done():
                ack.set_result(said.get("payload") or {})


class Sockets:
    def __init__(self, url: Callable[[], str]) -> None:
        self._url = url
        self._lock = Lock()
        self._tickets: set[str] = set()
        self._losing = 0
        self._connections: list[Connection] = []

    def route(self) -> WebSocketRoute:
        return WebSocketRoute("/link/", self._endpoint)

    def open(self) -> Json:
        """`apps.connections.open`: an address for one connection."""
        ticket = secrets.token_urlsafe(18)
        with self._lock:
            self._tickets.add(ticket)
        return {"url": f"{self._url().replace('http', 'ws', 1)}/link/?ticket={ticket}"}

    @property
    def is_in_use(self) -> bool:
        return bool(self._connections)

    def lose_acknowledgements(self, number: int) -> None:
        """A bad day: so many of the next ones do not arrive."""
        self._losing = number

    def cut(self) -> None:
        """Hang up on everybody, as Slack does every few hours."""
        with self._lock:
            for connection in self._connections:
                connection.hang_up()

    def deliver(self, payload: Json, patience: float) -> Json | None:
        """To one of the connections; once more to the newest when it is not acknowledged in time."""
        kind = {"type": "interactive", "accepts_response_payload": True}
        envelope = {"envelope_id": secrets.token_hex(16), **kind, "payload": payload}
        for retried in ({}, {"retry_attempt": 1, "retry_reason": "timeout"}):
            with self._lock:
                newest = self._connections[-1] if self._connections else None
            answer = newest.deliver(envelope | retried, patience) if newest else None
            if answer is not None and not self._loses():
                return answer
        return None

    def _loses(self) -> bool:
        with self._lock:
            lost, self._losing = self._losing > 0, max(0, self._losing - 1)
            return lost

    async def _endpoint(self, socket: WebSocket) -> None:
        ticket = socket.query_params.get("ticket", "")
        with self._lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
        await socket.accept()
        if not known:
            await socket.close(_GONE)
            return
        connection = Connection(socket)
        with self._lock:
            self._connections.append(connection)
        try:
            with suppress(WebSocketDisconnect, RuntimeError):
                await connection.listen()
        finally:
            with self._lock:
                self._connections.remove(connection)
