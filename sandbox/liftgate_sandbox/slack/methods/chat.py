"""chat.*: write, change and take back messages."""

from __future__ import annotations

import json

from liftgate_sandbox.slack import shapes
from liftgate_sandbox.slack.call import Call, SlackError, words
from liftgate_sandbox.slack.model import Json, Message


def post_message(call: Call) -> Json:
    channel = call.channel().id
    message = Message(
        **call.words(),
        ts=call.store.next_ts(),
        channel=channel,
        user=call.bot.id,
        thread_ts=_thread(call, channel),
        metadata=_metadata(call),
    )
    call.store.put(message)
    return {"channel": channel, "ts": message.ts, "message": shapes.message(message)}


def _metadata(call: Call) -> Json | None:
    given = call.arguments.get("metadata")
    found = json.loads(given) if isinstance(given, str) and given else given
    if found and not {"event_type", "event_payload"} <= set(found):
        raise SlackError("invalid_metadata_format")
    return found or None


def _thread(call: Call, channel: str) -> str | None:
    """The thread's first message; an answer to an answer lands in the same thread."""
    ts = call.text("thread_ts")
    if not ts:
        return None
    parent = call.store.message(channel, ts)
    if parent is None:
        raise SlackError("thread_not_found")
    return parent.thread_ts or parent.ts


def post_ephemeral(call: Call) -> Json:
    """Seen by one person only, and by nobody after the page forgets it."""
    channel = call.channel().id
    if call.text("user") not in call.store.state.people:
        raise SlackError("user_not_in_channel")
    message = Message(
        **call.words(),
        ts=call.store.next_ts(),
        channel=channel,
        user=call.bot.id,
        thread_ts=_thread(call, channel),
        only_for=call.text("user"),
    )
    call.store.put(message)
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """New words for an old message; blocks and attachments that are not given stay as they were."""
    message = call.message()
    given = {**call.arguments}
    given.setdefault("blocks", list(message.blocks))
    given.setdefault("attachments", list(message.attachments))
    given.setdefault("text", message.text)
    changed = message.model_copy(update=words(given) | {"edited": call.store.next_ts()})
    call.store.put(changed)
    return {
        "channel": message.channel,
        "ts": message.ts,
        "text": changed.text,
        "message": shapes.message(changed),
    }


def delete(call: Call) -> Json:
    message = call.message()
    call.store.remove(message)
    return {"channel": message.channel, "ts": message.ts}
