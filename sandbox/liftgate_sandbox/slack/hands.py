"""What people do with the app's messages: press buttons, submit modals; each a signed request to the app."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

import httpx

from liftgate_sandbox.certificates import post
from liftgate_sandbox.slack import payloads
from liftgate_sandbox.slack.model import Grant, Json, Message, Person, View
from liftgate_sandbox.slack.sockets import Sockets
from liftgate_sandbox.slack.store import Store
from liftgate_sandbox.slack.triggers import Triggers

PATIENCE = 3.0
GRANT_LIFE = 30 * 60.0


class Unknown(LookupError):
    """No such person, message, button or modal; the text says which."""


class Answer(NamedTuple):
    """What the app said: its status and body, or why there was nothing (status 0)."""

    status: int
    body: str
    trouble: str = ""


class Hands:
    """`url` tells where this Slack is reached, for the response_url."""

    def __init__(
        self, store: Store, triggers: Triggers, signing_secret: str, url: Callable[[], str], sockets: Sockets
    ) -> None:
        self._store, self._triggers, self._secret, self._url = store, triggers, signing_secret, url
        self._sockets = sockets

    def press(self, user: str, message_ts: str, action_id: str) -> Answer:
        """Press a button of a message; raises Unknown when this person sees no such button."""
        person, message = self._person(user), self._seen(user, message_ts)
        block, element = _button(message, action_id)
        channel = self._store.state.channels[message.channel]
        action = payloads.action(block, element, self._store.next_ts())
        return self._send(payloads.block_actions(person, channel, message, action, self._answer_to(user, message)))

    def submit(self, user: str, view_id: str, entered: dict[str, str]) -> Answer:
        """Submit a modal; `entered` maps block_id or action_id to text. The app's errors keep it open."""
        person, opened = self._person(user), self._modal(user, view_id)
        values = _values(opened, entered)
        answer = self._send(payloads.view_submission(person, opened, values, self._triggers.make(user)))
        self._after_submission(opened, answer)
        return answer

    def dismiss(self, user: str, view_id: str) -> None:
        """Close a modal without submitting; the app hears of it if the view asked for that."""
        person, opened = self._person(user), self._modal(user, view_id)
        self._forget(opened)
        if opened.view.get("notify_on_close"):
            self._send(payloads.view_closed(person, opened))

    def _person(self, user: str) -> Person:
        found = [each for each in self._store.state.people.values() if user in (each.id, each.name)]
        if not found or found[0].is_bot:
            raise Unknown(f"Nobody in the workspace is {user!r}.")
        return found[0]

    def _seen(self, user: str, ts: str) -> Message:
        mine = self._person(user).id
        found = [each for each in self._store.state.messages if each.ts == ts and each.only_for in (None, mine)]
        if not found:
            raise Unknown(f"{user} sees no message {ts}.")
        return found[0]

    def _modal(self, user: str, view_id: str) -> View:
        opened = self._store.state.views.get(view_id)
        if opened is None or opened.user != self._person(user).id:
            raise Unknown(f"No modal {view_id} is open in front of {user}.")
        return opened

    def _answer_to(self, user: str, message: Message) -> Json:
        person = self._person(user)
        key = secrets.token_urlsafe(18)
        expires = self._store.clock() + GRANT_LIFE
        grant = Grant(channel=message.channel, ts=message.ts, user=person.id, expires=expires)
        with self._store.lock:
            self._store.change(grants={**self._store.state.grants, key: grant})
        return {
            "trigger_id": self._triggers.make(person.id),
            "response_url": f"{self._url()}/actions/{key}",
        }

    def _send(self, payload: Json) -> Answer:
        """Over the app's socket while it has one, else to its address."""
        if self._sockets.is_in_use:
            answer = self._sockets.deliver(payload, PATIENCE)
            late = Answer(0, "", "The app did not acknowledge it.")
            return late if answer is None else Answer(200, json.dumps(answer) if answer else "")
        return self._post(payload)

    def _post(self, payload: Json) -> Answer:
        body = urlencode({"payload": json.dumps(payload)})
        url = self._store.state.interactivity_url
        if not url:
            return Answer(0, "", "No interactivity address is set, so no app hears of this.")
        headers = signed(self._secret, body, int(self._store.clock()))
        try:
            answer = post(url, body, headers, PATIENCE)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer(0, "", f"The app did not answer at {url}: {type(error).__name__}.")
        trouble = "" if answer.is_success else f"The app answered {answer.status_code}."
        return Answer(answer.status_code, answer.text, trouble)

    def _after_submission(self, opened: View, answer: Answer) -> None:
        said = _object(answer.body)
        if answer.trouble:
            return
        if said.get("response_action") == "errors":
            shown = opened.model_copy(update={"errors": dict(said.get("errors", {}))})
            self._store.change(views={**self._store.state.views, opened.id: shown})
        else:
            self._forget(opened)

    def _forget(self, opened: View) -> None:
        with self._store.lock:
            left = {key: view for key, view in self._store.state.views.items() if key != opened.id}
            self._store.change(views=left)


def signed(secret: str, body: str, timestamp: int) -> dict[str, str]:
    """Slack's headers: v0, the HMAC of version, time and the raw body."""
    mac = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "content-type": "application/x-www-form-urlencoded",
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": str(timestamp),
        "x-slack-signature": f"v0={mac}",
    }


def _button(message: Message, action_id: str) -> tuple[Json, Json]:
    for block in message.blocks:
        accessory = [block["accessory"]] if "accessory" in block else []
        for element in [*block.get("elements", []), *accessory]:
            if element.get("type") == "button" and element.get("action_id") == action_id:
                return block, element
    raise Unknown(f"Message {message.ts} has no button {action_id!r}.")


def _values(opened: View, entered: dict[str, str]) -> Json:
    inputs = [block for block in opened.view["blocks"] if block["type"] == "input"]
    return {block["block_id"]: _value(block, entered) for block in inputs}


def _value(block: Json, entered: dict[str, str]) -> Json:
    element = block["element"]
    action_id = element.get("action_id", "")
    given = entered.get(block["block_id"], entered.get(action_id, "")) or None
    if element["type"] == "static_select":
        options = [option for option in element.get("options", []) if option["value"] == given]
        return {action_id: {"type": element["type"], "selected_option": options[0] if options else None}}
    return {action_id: {"type": element["type"], "value": given}}


def _object(body: str) -> Json:
    try:
        value = json.loads(body or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
