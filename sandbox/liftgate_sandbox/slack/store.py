"""The workspace's memory: one state, changed under one lock, written whole after each change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from liftgate_sandbox.slack.model import Channel, Message, State

MICRO = 1_000_000


class Store:
    """Reads `file` if it exists; `clock` gives seconds since 1970."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.time) -> None:
        self.lock = threading.RLock()
        self.clock = clock
        self._file = file
        self.state = State.model_validate_json(file.read_bytes()) if file.exists() else State()

    def change(self, **changes: Any) -> None:
        with self.lock:
            self.state = self.state.model_copy(update=changes)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(self.state.model_dump_json())
            fresh.replace(self._file)

    def next_ts(self) -> str:
        """A timestamp that no message has: later than every one before. It is written with the message that gets it."""
        with self.lock:
            micros = max(int(self.clock() * MICRO), self.state.last_ts + 1)
            self.state = self.state.model_copy(update={"last_ts": micros})
        return f"{micros // MICRO}.{micros % MICRO:06d}"

    def channel(self, name: str) -> Channel | None:
        """By id, or by name with or without #."""
        wanted = name.removeprefix("#")
        found = (each for each in self.state.channels.values() if wanted in (each.id, each.name))
        return next(found, None)

    def message(self, channel: str, ts: str) -> Message | None:
        found = (each for each in self.state.messages if (each.channel, each.ts) == (channel, ts))
        return next(found, None)

    def put(self, message: Message) -> None:
        """Add a message, or exchange the one of the same channel and ts."""
        with self.lock:
            if self.message(message.channel, message.ts) is None:
                self.change(messages=(*self.state.messages, message))
            else:
                self.change(messages=tuple(message if _same(each, message) else each for each in self.state.messages))

    def remove(self, message: Message) -> None:
        with self.lock:
            self.change(messages=tuple(each for each in self.state.messages if not _same(each, message)))


def _same(one: Message, other: Message) -> bool:
    return (one.channel, one.ts) == (other.channel, other.ts)
