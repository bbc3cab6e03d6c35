"""What Slack sends an app when a person presses a button or submits a modal."""

from __future__ import annotations

from liftgate_sandbox.slack import shapes
from liftgate_sandbox.slack.methods.views import shape as view_shape
from liftgate_sandbox.slack.model import APP, DOMAIN, TEAM, Channel, Json, Message, Person, View

VERIFICATION_TOKEN = "deprecated-verification-token"  # noqa: S105 - Slack still sends one; nobody may trust it


def block_actions(person: Person, channel: Channel, message: Message, action: Json, answer_to: Json) -> Json:
    """`answer_to`: the trigger_id and response_url of this press."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {
        "type": "block_actions",
        **_from(person),
        "container": container,
        **answer_to,
        "channel": {"id": channel.id, "name": channel.name},
        "message": shapes.message(message),
        "state": {"values": {}},
        "actions": [action],
    }


def action(block: Json, element: Json, ts: str) -> Json:
    """The pressed element, as `actions` lists it."""
    optional: Json = {name: element[name] for name in ("value", "style", "url", "confirm") if name in element}
    return {
        "action_id": element.get("action_id", ""),
        "block_id": block["block_id"],
        "text": {"emoji": True, **element["text"]},
        **optional,
        "type": "button",
        "action_ts": ts,
    }


def view_submission(person: Person, opened: View, values: Json, trigger: str) -> Json:
    """`values`: block_id to action_id to the element's value."""
    return {
        "type": "view_submission",
        **_from(person),
        "trigger_id": trigger,
        "view": view_shape(opened) | {"state": {"values": values}},
        "response_urls": [],
    }


def view_closed(person: Person, opened: View) -> Json:
    return {"type": "view_closed", **_from(person), "view": view_shape(opened), "is_cleared": False}


def _from(person: Person) -> Json:
    return {
        "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM},
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM, "domain": DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }
