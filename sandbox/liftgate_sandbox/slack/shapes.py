"""People, channels and messages in Slack's JSON."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate_sandbox.slack.model import APP, BOT, TEAM, Channel, Json, Message, Person


def person(of: Person) -> Json:
    return {
        "id": of.id,
        "team_id": TEAM,
        "name": of.name,
        "deleted": of.deleted,
        "real_name": of.real_name,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "profile": {
            "real_name": of.real_name,
            "display_name": of.name,
            "email": of.email,
            "team": TEAM,
        },
        "is_admin": False,
        "is_owner": False,
        "is_bot": of.is_bot,
        "is_app_user": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
    }


def channel(of: Channel) -> Json:
    return {
        "id": of.id,
        "name": of.name,
        "name_normalized": of.name,
        "is_channel": True,
        "is_private": False,
        "is_archived": False,
        "is_member": True,
        "context_team_id": TEAM,
    }


def message(of: Message) -> Json:
    shape: Json = {
        "type": "message",
        "user": of.user,
        "ts": of.ts,
        "text": of.text,
        "team": TEAM,
        "bot_id": BOT,
        "app_id": APP,
    }
    optional = {
        "blocks": list(of.blocks),
        "attachments": list(of.attachments),
        "thread_ts": of.thread_ts,
        "edited": {"user": of.user, "ts": of.edited} if of.edited else None,
    }
    return shape | {name: value for name, value in optional.items() if value}


def thread_parent(of: Message, replies: Iterable[Message]) -> Json:
    """A message with what is known of its thread, if it has one."""
    written = [reply.ts for reply in replies]
    if not written:
        return message(of)
    return message(of) | {"thread_ts": of.ts, "reply_count": len(written), "latest_reply": written[-1]}
