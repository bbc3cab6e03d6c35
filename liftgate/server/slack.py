"""The buttons in Slack, by a signed POST or over a socket: answered at once, decided afterwards (docs.slack.dev)."""

from __future__ import annotations

import re
import time
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from liftgate.domain.json_text.bounded_json import loads
from liftgate.domain.promotion.announcement import Place
from liftgate.integrations.chat.slack_inbound import Socket, is_signed
from liftgate.server.body import limited_body
from liftgate.server.clicks import ButtonClick
from liftgate.server.state import ServerState

_LARGEST: Final = 256_000
_LARGEST_VALUE: Final = 2_000
"""Slack's own limit for a button's value."""
_FIELDS: Final = 8
_SIGNATURE: Final = re.compile("v0=[0-9a-f]{64}")
_TIME: Final = re.compile("[0-9]{1,12}")
_RECENT: Final = 300
_UNPROVEN: Final = Response(status_code=401)


async def interactions(request: Request) -> Response:
    """200 within Slack's three seconds, whatever the result; 401 for a request that Slack did not sign."""
    state: ServerState = request.app.state.state
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return Response(status_code=415)
    signature, sent = (request.headers.get(f"x-slack-{name}", "") for name in ("signature", "request-timestamp"))
    secret = state.at.settings.slack.signing_secret.get_secret_value()
    if not (secret and _may_be_signed(signature, sent)):
        return _UNPROVEN
    body = await limited_body(request, _LARGEST)
    if not is_signed(secret, body, sent, signature):
        return _UNPROVEN
    click = read_click(body)
    return Response(status_code=200 if click is None or state.clicks.take(click, signature) else 503)


def socket(state: ServerState) -> Socket:
    """Receives the clicks where Slack cannot reach the server."""
    settings = state.at.settings.slack
    return Socket(settings.app_token.get_secret_value(), settings.url, partial(hear, state))


def hear(state: ServerState, delivery: str, payload: dict[str, Any]) -> None:
    """A click that Slack delivers twice is decided once."""
    if click := click_of(payload):
        state.clicks.take(click, delivery)


def read_click(body: bytes) -> ButtonClick | None:
    """None for anything but a click on our buttons."""
    try:
        return click_of(loads(parse_qs(body.decode(), max_num_fields=_FIELDS)["payload"][0]))
    except (ValueError, KeyError, IndexError):
        return None


def click_of(payload: Any) -> ButtonClick | None:
    """None for anything but a click on our buttons by a person of the same workspace."""
    try:
        action, user, where = payload["actions"][0], payload["user"], payload["container"]
        value = loads(action["value"], largest=_LARGEST_VALUE)
        if payload["type"] != "block_actions" or user.get("team_id") != payload["team"]["id"]:
            return None
        if _promotion_of(payload.get("message")) not in ("", value["promotion"]):
            return None
        return ButtonClick(
            team=payload["team"]["id"],
            user=user["id"],
            place=Place(channel=where["channel_id"], ts=where["message_ts"]),
            decision=action["action_id"],
            promotion=value["promotion"],
            plan=value["plan"],
            shown=value["shown"],
            answer_to=payload.get("response_url", ""),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, ValidationError):
        return None


def _promotion_of(message: Any) -> str:
    """The promotion that our message is about, by its metadata; empty where Slack does not send it."""
    metadata = message.get("metadata") if isinstance(message, dict) else None
    return str(metadata["event_payload"]["promotion"]) if metadata else ""


def _may_be_signed(signature: str, sent: str) -> bool:
    """By form and time alone: the body of any other request is not read."""
    return bool(_SIGNATURE.fullmatch(signature) and _TIME.fullmatch(sent)) and abs(time.time() - int(sent)) <= _RECENT
