"""Slack's own client against the Web API: tokens, messages, threads, people, and Slack's error codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack import Slack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox_tests.plain import http
from sandbox_tests.slack.world import ADA, CHANNEL, GRACE, SECRET, TOKEN, World, buttons


def error(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def said(world: World) -> list[dict[str, Any]]:
    return list(world.client.conversations_history(channel=CHANNEL)["messages"])


def test_the_bot_learns_who_it_is(world: World) -> None:
    answer = world.client.auth_test()

    assert (answer["user"], answer["team"]) == ("liftgate", "sandbox")
    assert answer["url"] == f"{world.url}/"


def test_no_token_and_a_wrong_token_are_told_apart(world: World) -> None:
    base = f"{world.url}/api/"

    assert error(WebClient("xoxb-wrong", base_url=base).auth_test) == "invalid_auth"
    assert http.post(f"{base}auth.test").json() == {"ok": False, "error": "not_authed"}
    assert http.post(f"{base}auth.test", data={"token": TOKEN}).json()["ok"] is True


def test_a_message_is_posted_by_channel_id_or_name(world: World) -> None:
    one = world.client.chat_postMessage(channel=CHANNEL, text="one")
    two = world.client.chat_postMessage(channel="#promotions", text="two")

    assert two["channel"] == CHANNEL
    assert one["ts"] < two["ts"]
    assert [message["text"] for message in said(world)] == ["two", "one"]


def test_every_message_has_a_time_of_its_own_even_at_the_same_moment(tmp_path: Path) -> None:
    store = Slack(tmp_path, bot_token=TOKEN, signing_secret=SECRET, clock=lambda: 1_700_000_000.0).store

    assert [store.next_ts() for _ in range(3)] == [f"1700000000.00000{number}" for number in range(3)]


def test_slacks_refusals_have_slacks_codes(world: World) -> None:
    client = world.client
    ts = world.post()

    assert error(lambda: client.chat_postMessage(channel="C0NONE", text="x")) == "channel_not_found"
    assert error(lambda: client.api_call("chat.postMessage", json={"channel": CHANNEL})) == "no_text"
    assert error(lambda: client.chat_postMessage(channel=CHANNEL, text="x" * 40_001)) == "msg_too_long"
    assert error(lambda: client.chat_update(channel=CHANNEL, ts="1.2", text="x")) == "message_not_found"
    assert error(lambda: client.chat_delete(channel=CHANNEL, ts="1.2")) == "message_not_found"
    assert error(lambda: client.chat_postMessage(channel=CHANNEL, thread_ts="1.2", text="x")) == "thread_not_found"
    assert error(lambda: client.conversations_replies(channel=CHANNEL, ts="1.2")) == "thread_not_found"
    assert error(lambda: client.api_call("no.such")) == "unknown_method"
    assert [message["ts"] for message in said(world)] == [ts]


@pytest.mark.parametrize(("body", "code"), [("{", "invalid_json"), ("[]", "json_not_object")])
def test_a_body_that_is_no_json_object_is_refused(world: World, body: str, code: str) -> None:
    headers = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}

    answer = http.post(f"{world.url}/api/chat.postMessage", content=body, headers=headers)

    assert answer.json() == {"ok": False, "error": code}


def test_blocks_beyond_the_limits_are_refused_with_the_place(world: World) -> None:
    with pytest.raises(SlackApiError) as caught:
        world.client.chat_postMessage(channel=CHANNEL, text="x", blocks=[{"type": "divider"}] * 51)

    response = caught.value.response
    assert response["error"] == "invalid_blocks"
    assert response["errors"] == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert said(world) == []


def test_an_update_changes_the_words_keeps_the_blocks_and_says_edited(world: World) -> None:
    ts = world.post("approve")
    world.client.chat_update(channel=CHANNEL, ts=ts, text="Lifted")
    kept = said(world)[0]
    world.client.chat_update(channel=CHANNEL, ts=ts, text="Lifted", blocks=[])
    removed = said(world)[0]

    assert (kept["ts"], kept["text"]) == (ts, "Lifted")
    assert kept["blocks"][0]["elements"][0]["action_id"] == "approve"
    assert "edited" in kept
    assert "blocks" not in removed


def test_blocks_without_an_id_are_given_one(world: World) -> None:
    world.client.chat_postMessage(channel=CHANNEL, text="x", blocks=[{"type": "divider"}])

    assert said(world)[0]["blocks"][0]["block_id"]


def test_a_thread_hangs_below_its_first_message(world: World) -> None:
    first = world.post()
    answer = world.post(thread_ts=first)
    world.post(thread_ts=answer)

    replies = world.client.conversations_replies(channel=CHANNEL, ts=first)["messages"]

    assert [message["ts"] for message in said(world)] == [first]
    assert said(world)[0]["reply_count"] == 2
    assert [reply.get("thread_ts") for reply in replies] == [first] * 3


def test_an_ephemeral_message_is_in_nobodys_history(world: World) -> None:
    answer = world.client.chat_postEphemeral(channel=CHANNEL, user=ADA, text="You may not.")

    assert said(world) == []
    assert (
        error(lambda: world.client.chat_update(channel=CHANNEL, ts=answer["message_ts"], text="x"))
        == "message_not_found"
    )
    assert error(lambda: world.client.chat_postEphemeral(channel=CHANNEL, user="U0", text="x")) == "user_not_in_channel"


def test_a_deleted_message_is_gone(world: World) -> None:
    world.client.chat_delete(channel=CHANNEL, ts=world.post())

    assert said(world) == []


def test_history_is_cut_where_asked(world: World) -> None:
    for _ in range(3):
        world.post()

    answer = world.client.conversations_history(channel=CHANNEL, limit=2)

    assert (len(answer["messages"]), answer["has_more"]) == (2, True)


def test_channels_and_people_are_found(world: World) -> None:
    client = world.client

    assert [channel["name"] for channel in client.conversations_list()["channels"]] == ["promotions"]
    assert client.conversations_info(channel=CHANNEL)["channel"]["name"] == "promotions"
    assert client.users_info(user=ADA)["user"]["profile"]["email"] == "ada@example.com"
    assert client.users_lookupByEmail(email="Grace@example.com")["user"]["id"] == GRACE
    assert {member["id"]: member["is_bot"] for member in client.users_list()["members"]}[ADA] is False
    assert error(lambda: client.users_info(user="U0")) == "user_not_found"
    assert error(lambda: client.users_lookupByEmail(email="x@example.com")) == "users_not_found"


def test_a_restarted_workspace_remembers(world: World, tmp_path: Path) -> None:
    ts = world.post("approve")
    again = Slack(tmp_path / "slack", bot_token=TOKEN, signing_secret=SECRET)

    with serve(again.asgi()) as served:
        client = WebClient(TOKEN, base_url=f"{served.url}/api/")
        message = client.conversations_history(channel=CHANNEL)["messages"][0]
        assert client.users_info(user=ADA)["ok"]
    assert (message["ts"], message["blocks"]) == (ts, buttons("approve"))
