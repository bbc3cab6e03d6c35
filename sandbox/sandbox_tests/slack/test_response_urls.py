"""response_url: what the app may answer to a press, how often, and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.webhook import WebhookClient

from sandbox_tests.slack.conftest import Clock
from sandbox_tests.slack.world import ADA, CHANNEL, App, World, buttons


@pytest.fixture
def pressed(world: World, listening: App) -> str:
    world.slack.press("ada", world.post("approve"), "approve")
    return str(listening.payloads[0]["response_url"])


def texts(world: World) -> list[str]:
    return [message["text"] for message in world.client.conversations_history(channel=CHANNEL)["messages"]]


def send(url: str, **said: Any) -> tuple[int, str]:
    answer = WebhookClient(url).send_dict(said)
    return answer.status_code, answer.body


def test_an_answer_is_for_the_person_alone_unless_it_says_otherwise(world: World, pressed: str) -> None:
    assert send(pressed, text="You may not.", replace_original=False) == (200, "ok")
    send(pressed, text="All hear this.", response_type="in_channel")

    alone = [message for message in world.slack.store.state.messages if message.only_for]
    assert [(message.text, message.only_for) for message in alone] == [("You may not.", ADA)]
    assert texts(world) == ["All hear this.", "Lift?"]


def test_the_original_is_replaced_or_deleted(world: World, pressed: str) -> None:
    send(pressed, text="Lifted", replace_original=True)
    replaced = world.client.conversations_history(channel=CHANNEL)["messages"][0]
    send(pressed, delete_original=True)

    assert replaced["text"] == "Lifted"
    assert "blocks" not in replaced
    assert texts(world) == []


def test_it_is_good_for_five_answers(pressed: str) -> None:
    answers = [send(pressed, text=str(number))[0] for number in range(6)]

    assert answers == [200] * 5 + [404]
    assert "used_url" in send(pressed, text="x")[1]


def test_it_is_good_for_thirty_minutes(pressed: str, clock: Clock) -> None:
    clock.ahead = 29 * 60
    assert send(pressed, text="x")[0] == 200
    clock.ahead = 31 * 60

    assert send(pressed, text="x")[0] == 404
    assert "expired_url" in send(pressed, text="x")[1]


def test_an_invented_address_and_invalid_answers_are_refused(world: World, pressed: str) -> None:
    assert send(f"{world.url}/actions/none", text="x")[0] == 404
    assert send(pressed)[0] == 400
    assert send(pressed, blocks=buttons("a", "a"))[0] == 400
    assert texts(world) == ["Lift?"]
