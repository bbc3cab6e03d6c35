"""What the workspace remembers: frozen records, kept as JSON."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import Field

from liftgate_sandbox.record import Record

Json: TypeAlias = dict[str, Any]

TEAM = "T0SANDBOX"
DOMAIN = "sandbox"
APP = "A0LIFTGATE"
BOT = "B0LIFTGATE"
WEBHOOKS = "B0WEBHOOKS"
"""The service that an incoming webhook's address names."""


class Person(Record):
    """Somebody in the workspace; the bot is one of them."""

    id: str
    name: str
    real_name: str
    email: str
    is_bot: bool = False
    deleted: bool = False


class Channel(Record):
    """A public channel that everybody is in."""

    id: str
    name: str


class Message(Record):
    """A message; `ts` is its identity in its channel. `only_for` makes it ephemeral."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    """What stands beside the text with a coloured bar; other tools write these where we write blocks."""
    thread_ts: str | None = None
    edited: str | None = None
    only_for: str | None = None
    metadata: Json | None = None
    """`event_type` and `event_payload`, as the app gave them; shown only to who asks for them."""


class View(Record):
    """A modal that is open in front of one person; `errors` are the app's answer to what was entered."""

    id: str
    user: str
    view: Json
    errors: dict[str, str] = Field(default_factory=dict)


class Grant(Record):
    """A response_url: what it may answer to, until when (seconds) and how often."""

    channel: str
    ts: str
    user: str
    expires: float
    uses: int = 5


class State(Record):
    """The whole workspace, as it is written to disk."""

    people: dict[str, Person] = Field(default_factory=dict)
    channels: dict[str, Channel] = Field(default_factory=dict)
    messages: tuple[Message, ...] = ()
    views: dict[str, View] = Field(default_factory=dict)
    grants: dict[str, Grant] = Field(default_factory=dict)
    webhooks: dict[str, str] = Field(default_factory=dict)
    """Incoming webhooks: the secret part of the address, and the channel it writes to."""
    last_ts: int = 0
    interactivity_url: str = ""
