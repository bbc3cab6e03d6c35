"""Incoming webhooks by Slack's own client, and what other tools send: attachments without a text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from slack_sdk.webhook import WebhookClient

from sandbox_tests.plain import http
from sandbox_tests.slack.test_trouble import arm
from sandbox_tests.slack.world import CHANNEL, World, buttons

ALERT = {"title": "Drift", "title_link": "https://example.com/1", "text": "*prod*", "color": "danger"}


@pytest.fixture
def hook(world: World) -> str:
    return world.url + world.slack.add_webhook(CHANNEL, "secret")


def said(world: World) -> list[dict[str, Any]]:
    return list(world.client.conversations_history(channel=CHANNEL)["messages"])


def test_whoever_has_the_address_writes_to_its_channel(world: World, hook: str) -> None:
    world.slack.add_channel("C0OTHER", "other")
    answer = WebhookClient(hook).send_dict({"text": "Hello", "channel": "#other", "username": "me"})
    assert (answer.status_code, answer.body) == (200, "ok")
    assert [(each["text"], each["user"]) for each in said(world)] == [("Hello", "U0LIFTGATE")]


def test_a_form_with_the_payload_is_taken_too(world: World, hook: str) -> None:
    assert http.post(hook, data={"payload": json.dumps({"text": "Hello"})}).text == "ok"
    assert [each["text"] for each in said(world)] == ["Hello"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/services/T0OTHER/B0WEBHOOKS/secret", 404, "no_team"),
        ("/services/T0SANDBOX/B0OTHER/secret", 404, "no_service"),
        ("/services/T0SANDBOX/B0WEBHOOKS/guessed", 403, "invalid_token"),
    ],
)
def test_an_address_that_is_none_is_refused(world: World, hook: str, path: str, status: int, code: str) -> None:
    answer = http.post(f"{world.url}{path}", json={"text": "x"})
    assert (answer.status_code, answer.text) == (status, code)
    assert said(world) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "invalid_payload"),
        ("[]", "invalid_payload"),
        ("{}", "no_text"),
        (json.dumps({"blocks": buttons("a", "a")}), "invalid_blocks"),
        (json.dumps({"attachments": [ALERT] * 101}), "too_many_attachments"),
    ],
)
def test_a_message_that_is_none_is_refused(world: World, hook: str, body: str, code: str) -> None:
    answer = http.post(hook, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.text) == (400, code)
    assert said(world) == []


def test_its_bad_days_are_those_of_the_api(world: World, hook: str) -> None:
    arm(world, "rate-limited", seconds=30)
    answer = http.post(hook, json={"text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    assert said(world) == []


def test_attachments_alone_are_a_message_and_come_back_as_slack_keeps_them(world: World, hook: str) -> None:
    WebhookClient(hook).send(attachments=[ALERT])
    world.client.api_call("chat.postMessage", json={"channel": CHANNEL, "attachments": [ALERT, {"text": "two"}]})
    posted, hooked = said(world)
    kept = ALERT | {"id": 1, "color": "a30200"}
    assert (hooked["text"], hooked["attachments"]) == ("", [kept])
    assert posted["attachments"] == [kept, {"id": 2, "text": "two"}]


def test_an_update_keeps_attachments_unless_it_brings_others(world: World) -> None:
    ts = world.client.chat_postMessage(channel=CHANNEL, text="Hello", attachments=[ALERT])["ts"]
    world.client.chat_update(channel=CHANNEL, ts=str(ts), text="Changed")
    assert said(world)[0]["attachments"][0]["title"] == "Drift"
    world.client.chat_update(channel=CHANNEL, ts=str(ts), text="Changed", attachments=[])
    assert "attachments" not in said(world)[0]


def test_an_attachment_is_shown_and_hostile_text_stays_text(world: World, hook: str) -> None:
    hostile = {"title": "<b>x</b>", "title_link": "javascript:alert(1)", "color": "red;}", "footer": "<i>y</i>"}
    WebhookClient(hook).send(attachments=[ALERT, hostile])
    shown = http.get(world.url).text
    assert 'href="https://example.com/1"' in shown
    assert "<strong>prod</strong>" in shown
    assert "border-color: #a30200" in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert not any(part in shown for part in ("javascript:alert", "red;}", "<i>y"))
