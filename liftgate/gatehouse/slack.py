"""Buttons in Slack, by a signed POST or over a socket: answered at once, decided afterwards (docs.slack.dev)."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, ValidationError
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from liftgate.domain import people
from liftgate.domain.announcement import Place
from liftgate.domain.bounded_json import loads
from liftgate.domain.value import Value
from liftgate.errors import LiftgateError
from liftgate.gatehouse.body import read
from liftgate.gatehouse.house import House
from liftgate.integrations.chat.slack import account
from liftgate.integrations.chat.slack_inbound import Socket, is_signed
from liftgate.integrations.http import client, send
from liftgate.services.decide import decide
from liftgate.services.notes import Notes

log = logging.getLogger(__name__)
_LARGEST = 256_000


class Press(Value):
    """One press of one of our buttons."""

    user: str
    place: Place
    decision: Literal["approve", "refuse"]
    promotion: str = Field(pattern="^[0-9a-f-]{36}$")
    plan: str
    answer_to: str


async def interactions(request: Request) -> Response:
    """200 whatever comes of it, within Slack's three seconds; 401 for what Slack did not sign."""
    house: House = request.app.state.house
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return Response(status_code=415)
    body = await read(request, _LARGEST)
    if body is None:
        return Response(status_code=413)
    signed = request.headers.get("x-slack-signature", "")
    secret = house.at.settings.slack.signing_secret.get_secret_value()
    if not is_signed(secret, body, request.headers.get("x-slack-request-timestamp", ""), signed):
        return Response(status_code=401)
    press = read_press(body)
    if press is None or not house.presses.first(signed):
        return Response(status_code=200)
    return Response(status_code=200, background=BackgroundTask(take, house, press))


def socket(house: House) -> Socket:
    """Buttons without an address for Slack to reach."""
    settings = house.at.settings.slack
    return Socket(settings.app_token.get_secret_value(), settings.url, partial(hear, house))


def hear(house: House, delivery: str, payload: dict[str, Any]) -> None:
    """What is delivered again is decided once."""
    press = press_of(payload)
    if press and house.presses.first(delivery):
        take(house, press)


def read_press(body: bytes) -> Press | None:
    """None for anything that is not a press of our buttons."""
    try:
        return press_of(loads(parse_qs(body.decode())["payload"][0]))
    except (ValueError, KeyError, IndexError):
        return None


def press_of(payload: dict[str, Any]) -> Press | None:
    """None for anything that is not a press of our buttons by somebody of the same workspace."""
    try:
        action, value = payload["actions"][0], loads(payload["actions"][0]["value"])
        user, where = payload["user"], payload["container"]
        if payload["type"] != "block_actions" or user.get("team_id") != payload["team"]["id"]:
            return None
        return Press(
            user=user["id"],
            place=Place(channel=where["channel_id"], ts=where["message_ts"]),
            decision=action["action_id"],
            promotion=value["promotion"],
            plan=value["plan"],
            answer_to=payload.get("response_url", ""),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, ValidationError):
        return None


def take(house: House, press: Press) -> None:
    """Decide, and tell the person alone what came of it."""
    try:
        sentence = _decided(house, press)
    except LiftgateError as error:
        sentence = f"not taken down: {error}; press again in a moment"
    _tell(house, press.answer_to, sentence)


def _decided(house: House, press: Press) -> str:
    """The message must be the promotion's own: a copy or a forwarded one decides nothing."""
    who = people.by_account(house.configuration, press.user, account)
    if not who.known:
        return f"nobody in people of liftgate.json has the Slack id {press.user}, so your decision does not count"
    if Notes(house.at.runs, press.promotion).place() != press.place:
        return "this is not the promotion's own message; use the buttons there"
    answer = decide(
        house.at,
        promotion_id=press.promotion,
        plan=press.plan,
        person=who.name,
        decision=press.decision,
        through="slack",
    )
    return answer.sentence


def _tell(house: House, url: str, sentence: str) -> None:
    parts, slack = urlsplit(url), urlsplit(house.at.settings.slack.url)
    if parts.netloc not in ("hooks.slack.com", slack.netloc) or parts.scheme not in ("https", slack.scheme):
        log.warning("no place to tell somebody: %s", sentence)
        return
    message = {"response_type": "ephemeral", "replace_original": False, "text": sentence}
    try:
        with client(f"{parts.scheme}://{parts.netloc}", {}) as http:
            send(http, "Slack", "POST", parts.path, json=message)
    except LiftgateError as error:
        log.warning("somebody could not be told (%s): %s", error, sentence)
