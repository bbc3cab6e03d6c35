"""One Web API call as its method sees it, and the errors that Slack answers."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from liftgate_sandbox.slack.limits import problems
from liftgate_sandbox.slack.model import Channel, Json, Message, Person
from liftgate_sandbox.slack.store import Store
from liftgate_sandbox.slack.triggers import Triggers

LONGEST = 40_000
MOST_ATTACHMENTS = 100
COLOURS = {"good": "2eb886", "warning": "daa038", "danger": "a30200"}
"""Slack's names for an attachment's colour, and what it makes of them."""


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

    def words(self) -> Json:
        return words(self.arguments)


def json_object(body: bytes | str) -> Json:
    """Raises ValueError for what is none."""
    said = json.loads(body)
    if not isinstance(said, dict):
        raise ValueError("A JSON object is expected.")  # noqa: TRY004 - like JSON that cannot be read
    return said


def words(given: Mapping[str, Any]) -> Json:
    """`text`, `blocks` and `attachments` of a message to be written, within Slack's limits."""
    text, blocks = str(given.get("text") or ""), given.get("blocks") or []
    attachments = attached(given.get("attachments") or [])
    if not (text or blocks or attachments):
        raise SlackError("no_text")
    if len(text) > LONGEST:
        raise SlackError("msg_too_long")
    return {"text": text, "blocks": checked(blocks), "attachments": attachments}


def attached(given: Any) -> tuple[Json, ...]:
    """Attachments as Slack gives them back: numbered, and with their colour as hexadecimal digits."""
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise SlackError("invalid_attachments")
    if len(given) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    return tuple(_attachment(number, each) for number, each in enumerate(given, start=1))


def _attachment(number: int, given: Json) -> Json:
    colour = str(given.get("color") or "")
    shown = {"color": COLOURS.get(colour, colour.removeprefix("#"))} if colour else {}
    return given | {"id": number} | shown


def checked(blocks: Any) -> tuple[Json, ...]:
    """The blocks, each with a block_id as Slack gives it; raises SlackError invalid_blocks."""
    wrong = problems(blocks)
    if wrong:
        raise SlackError("invalid_blocks", wrong)
    return tuple({"block_id": secrets.token_urlsafe(4), **block} for block in blocks)
