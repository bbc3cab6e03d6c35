"""HTTP as the Liftgate server speaks it: a client that is slow loses its connection."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_WITHIN: Final = 10.0
"""Seconds from the first byte (or from the connection) to the end of the headers, or of a body that is refused."""
LARGEST_HEADERS: Final = 32_768


class Protocol(H11Protocol):
    """uvicorn ends an idle connection after an answer, and no other one."""

    headers_within = HEADERS_WITHIN
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forget()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def _watch(self) -> None:
        """The time runs while headers are incomplete, and while a body comes that was refused already.

        uvicorn drops the bytes of such a body. A connection that ended at once would take the answer with it.
        """
        if not self._is_waiting:
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(self.headers_within, self._end)

    @property
    def _is_waiting(self) -> bool:
        if self.conn.their_state is h11.SEND_BODY:
            return self.cycle.response_complete
        return self.conn.their_state is h11.IDLE

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        self._late = None
        if self._is_waiting and not self.transport.is_closing():
            self.transport.close()
