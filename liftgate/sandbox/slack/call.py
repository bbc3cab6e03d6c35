"""One Web API call as its method sees it, and the errors that Slack answers."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liftgate.sandbox.slack.limits import problems
from liftgate.sandbox.slack.model import Channel, Json, Message, Person
from liftgate.sandbox.slack.store import Store
from liftgate.sandbox.slack.triggers import Triggers

LONGEST = 40_000


class SlackError(Exception):
    """`{"ok": false, "error": code}`, which Slack answers with status 200."""

    def __init__(self, code: str, details: list[str] | None = None) -> None:
        super().__init__(code)
        self.code, self.details = code, details or []

    def shape(self) -> Json:
        more = {
            "errors": self.details,
            "response_metadata": {"messages": [f"[ERROR] {each}" for each in self.details]},
        }
        return {"ok": False, "error": self.code} | (more if self.details else {})


@dataclass(frozen=True)
class Call:
    """The arguments of a method, whether they came as a form or as JSON."""

    store: Store
    triggers: Triggers
    bot: Person
    arguments: Mapping[str, Any]
    url: str

    def text(self, name: str) -> str:
        value = self.arguments.get(name)
        return "" if value is None else str(value)

    def number(self, name: str, otherwise: int) -> int:
        value = self.text(name)
        return int(value) if value.isdigit() else otherwise

    def channel(self) -> Channel:
        found = self.store.channel(self.text("channel"))
        if found is None:
            raise SlackError("channel_not_found")
        return found

    def message(self) -> Message:
        """The bot's own message that `channel` and `ts` name; ephemeral ones cannot be found again."""
        found = self.store.message(self.channel().id, self.text("ts"))
        if found is None or found.only_for:
            raise SlackError("message_not_found")
        return found

    def words(self) -> tuple[str, tuple[Json, ...]]:
        """Text and blocks of a message to be written, within Slack's limits."""
        written, blocks = self.text("text"), self.arguments.get("blocks") or []
        if not written and not blocks:
            raise SlackError("no_text")
        if len(written) > LONGEST:
            raise SlackError("msg_too_long")
        return written, checked(blocks)


def checked(blocks: Any) -> tuple[Json, ...]:
    """The blocks, each with a block_id as Slack gives it; raises SlackError invalid_blocks."""
    wrong = problems(blocks)
    if wrong:
        raise SlackError("invalid_blocks", wrong)
    return tuple({"block_id": secrets.token_urlsafe(4), **block} for block in blocks)
