"""People press and submit; a real app hears of it, signed, in Slack's shape."""

from __future__ import annotations

from typing import Any

import pytest
from liftgate_sandbox.slack.hands import Unknown, signed
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from sandbox_tests.plain import http
from sandbox_tests.slack.conftest import Clock
from sandbox_tests.slack.world import ADA, CHANNEL, GRACE, SECRET, App, World, buttons

MODAL: dict[str, Any] = {
    "type": "modal",
    "callback_id": "gate.reject",
    "private_metadata": "sealed",
    "title": {"type": "plain_text", "text": "Reject"},
    "submit": {"type": "plain_text", "text": "Reject"},
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": {"type": "plain_text", "text": "Why?"},
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
        },
        {
            "type": "input",
            "block_id": "kind",
            "label": {"type": "plain_text", "text": "Kind"},
            "element": {
                "type": "static_select",
                "action_id": "choice",
                "options": [{"text": {"type": "plain_text", "text": "Risk"}, "value": "risk"}],
            },
        },
    ],
}


def open_modal(world: World, listening: App, user: str = ADA) -> str:
    world.slack.press(user, world.post("reject"), "reject")
    trigger = listening.payloads[-1]["trigger_id"]
    return str(world.client.views_open(trigger_id=trigger, view=MODAL)["view"]["id"])


def test_a_press_reaches_the_app_signed_and_whole(world: World, listening: App) -> None:
    ts = world.post("approve", "reject")

    answer = world.slack.press("ada", ts, "reject")

    sent = listening.payloads[0]
    assert (answer.status, answer.trouble, listening.believed) == (200, "", [True])
    assert sent["type"] == "block_actions"
    assert sent["user"] == {"id": ADA, "username": "ada", "name": "ada", "team_id": sent["team"]["id"]}
    assert sent["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": CHANNEL,
        "is_ephemeral": False,
    }
    assert sent["channel"] == {"id": CHANNEL, "name": "promotions"}
    assert sent["message"]["blocks"] == buttons("approve", "reject")
    assert len(sent["actions"]) == 1
    action = sent["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("reject", "gate", "value of reject")
    assert action["type"] == "button"
    assert {"api_app_id", "token", "trigger_id", "response_url", "state"} <= sent.keys()


def test_the_signature_is_of_this_body_at_this_time() -> None:
    verifier = SignatureVerifier(SECRET)
    headers = signed(SECRET, "payload=x", int(verifier.clock.now()))

    assert verifier.is_valid_request("payload=x", headers)
    assert not verifier.is_valid_request("payload=y", headers)
    assert not SignatureVerifier("other").is_valid_request("payload=x", headers)


def test_the_same_press_by_http_tells_what_the_app_answered(world: World, listening: App) -> None:
    listening.status = 500
    wanted = {"user": GRACE, "ts": world.post("approve"), "action_id": "approve"}

    answer = http.post(f"{world.url}/sandbox/press", json=wanted).json()

    assert answer == {"status": 500, "body": "", "trouble": "The app answered 500."}
    assert listening.payloads[0]["user"]["id"] == GRACE


def test_where_presses_go_can_be_set_and_an_app_that_is_gone_is_no_failure(world: World) -> None:
    ts = world.post("approve")
    settings = {"interactivity_url": "http://127.0.0.1:1/slack"}

    nowhere = world.slack.press("ada", ts, "approve")
    assert http.post(f"{world.url}/sandbox/settings", json=settings).json() == settings
    gone = world.slack.press("ada", ts, "approve")

    assert (nowhere.status, gone.status) == (0, 0)
    assert nowhere.trouble.startswith("No interactivity address is set")
    assert "http://127.0.0.1:1/slack" in gone.trouble


def test_nobody_presses_what_they_do_not_see(world: World, listening: App) -> None:
    ts = world.post("approve")
    secret = world.client.chat_postEphemeral(channel=CHANNEL, user=ADA, text="x", blocks=buttons("undo"))["message_ts"]

    for user, message, action in (
        ("mallory", ts, "approve"),
        ("liftgate", ts, "approve"),
        ("ada", "1.2", "approve"),
        ("ada", ts, "reject"),
        ("grace", secret, "undo"),
    ):
        with pytest.raises(Unknown):
            world.slack.press(user, message, action)
    assert listening.payloads == []
    world.slack.press("ada", secret, "undo")
    assert listening.payloads[0]["container"]["is_ephemeral"] is True


def test_a_press_of_nothing_is_a_sentence_over_http(world: World) -> None:
    unknown = http.post(f"{world.url}/sandbox/press", json={"user": "ada", "ts": "1.2", "action_id": "a"})
    missing = http.post(f"{world.url}/sandbox/press", json={"user": "ada"})

    assert (unknown.status_code, unknown.json()["error"]) == (404, "ada sees no message 1.2.")
    assert (missing.status_code, missing.json()["error"]) == (400, "The field 'ts' is missing.")


def test_a_modal_is_submitted_with_what_was_entered(world: World, listening: App) -> None:
    view = open_modal(world, listening)

    world.slack.submit("ada", view, {"reason": "Too late", "choice": "risk"})

    sent = listening.payloads[-1]
    assert (sent["type"], sent["user"]["id"], listening.believed[-1]) == ("view_submission", ADA, True)
    assert (sent["view"]["id"], sent["view"]["private_metadata"]) == (view, "sealed")
    values = sent["view"]["state"]["values"]
    assert values["reason"]["text"] == {"type": "plain_text_input", "value": "Too late"}
    assert values["kind"]["choice"]["selected_option"]["value"] == "risk"
    with pytest.raises(Unknown):
        world.slack.submit("ada", view, {})


def test_the_apps_errors_keep_a_modal_open(world: World, listening: App) -> None:
    view = open_modal(world, listening)
    listening.says = {"response_action": "errors", "errors": {"reason": "Say more."}}
    wanted = {"user": "ada", "view_id": view, "values": {"reason": "x"}}

    refused = http.post(f"{world.url}/sandbox/submit", json=wanted).json()
    listening.says = None
    taken = http.post(f"{world.url}/sandbox/submit", json=wanted).json()

    assert (refused["errors"], taken["errors"]) == ({"reason": "Say more."}, {})
    assert world.slack.store.state.views == {}


def test_a_modal_belongs_to_the_person_who_pressed(world: World, listening: App) -> None:
    view = open_modal(world, listening, ADA)

    with pytest.raises(Unknown):
        world.slack.submit("grace", view, {})


def test_a_dismissed_modal_is_closed(world: World, listening: App) -> None:
    view = open_modal(world, listening)

    http.post(f"{world.url}/sandbox/dismiss", json={"user": "ada", "view_id": view})

    assert world.slack.store.state.views == {}
    assert [sent["type"] for sent in listening.payloads] == ["block_actions"]


def test_a_trigger_is_good_once_and_for_three_seconds(world: World, listening: App, clock: Clock) -> None:
    def opened(trigger: str) -> str:
        try:
            return str(world.client.views_open(trigger_id=trigger, view=MODAL)["ok"])
        except SlackApiError as error:
            return str(error.response["error"])

    triggers = []
    for _ in range(2):
        world.slack.press("ada", world.post("reject"), "reject")
        triggers.append(listening.payloads[-1]["trigger_id"])

    answers = [opened(triggers[0]), opened(triggers[0]), opened("none")]
    clock.ahead = 10.0
    answers.append(opened(triggers[1]))

    assert answers == ["True", "exchanged_trigger_id", "invalid_trigger_id", "expired_trigger_id"]


def test_a_modal_beyond_the_limits_is_refused(world: World, listening: App) -> None:
    world.slack.press("ada", world.post("reject"), "reject")
    long = {**MODAL, "private_metadata": "x" * 3001}

    with pytest.raises(SlackApiError) as caught:
        world.client.views_open(trigger_id=listening.payloads[-1]["trigger_id"], view=long)

    assert caught.value.response["error"] == "invalid_arguments"
