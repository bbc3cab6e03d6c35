"""views.open: a modal in front of the person who just pressed something."""

from __future__ import annotations

import secrets

from liftgate_sandbox.slack.call import Call, SlackError
from liftgate_sandbox.slack.limits import view_problems
from liftgate_sandbox.slack.model import APP, BOT, TEAM, Json, View


def open_modal(call: Call) -> Json:
    view = call.arguments.get("view")
    if not isinstance(view, dict):
        raise SlackError("invalid_arguments")
    wrong = view_problems(view)
    if wrong:
        raise SlackError("invalid_arguments", wrong)
    user, error = call.triggers.redeem(call.text("trigger_id"))
    if error:
        raise SlackError(error)
    opened = View(id=f"V{secrets.token_hex(5).upper()}", user=user, view=_with_ids(view))
    call.store.change(views={**call.store.state.views, opened.id: opened})
    return {"view": shape(opened)}


def _with_ids(view: Json) -> Json:
    blocks = [{"block_id": secrets.token_urlsafe(4), **block} for block in view["blocks"]]
    return {"private_metadata": "", "callback_id": "", **view, "blocks": blocks}


def shape(opened: View) -> Json:
    """The view as Slack sends it back: with its id and an empty state."""
    return {
        **opened.view,
        "id": opened.id,
        "team_id": TEAM,
        "app_id": APP,
        "bot_id": BOT,
        "root_view_id": opened.id,
        "previous_view_id": None,
        "hash": f"1.{opened.id}",
        "state": {"values": {}},
    }
