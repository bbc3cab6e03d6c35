"""Buttons as Slack sends them, and everything else that may arrive at the same address."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from liftgate_sandbox.slack.hands import signed
from liftgate_sandbox.slack.model import TEAM
from liftgate_sandbox.town import SIGNING_SECRET
from sandbox_tests.plain import http

from liftgate.domain.approval.vote import gate_name
from liftgate.services.notes import Notes
from tests.server.world import World, wait_until


def ephemeral(world: World) -> list[str]:
    return [each.text for each in world.lab.town.slack.store.state.messages if each.only_for]


def asked(world: World) -> tuple[str, str, str]:
    """A waiting run with its real message in the sandbox's channel: run, plan, ts."""
    from liftgate.domain.promotion.announcement import Announcement

    run, plan = world.waiting()
    said = Announcement(
        promotion=run, title="t", state="waits", plan=world.plan(), vote_on=plan, shown=world.shown(run, plan)
    )
    place = world.at.chat.post(said)
    assert place is not None
    Notes(world.at.runs, run).keep_place(place)
    return run, plan, place.ts


def test_a_person_presses_and_is_told_alone_what_came_of_it(world: World) -> None:
    run, _, ts = asked(world)
    assert world.lab.town.slack.press("ada", ts, "approve").status == 200
    wait_until(lambda: ephemeral(world))
    assert ephemeral(world)[0].startswith("you approved ")
    assert (world.votes(run), world.resumes(run)) == (["ada"], 1)


def test_the_one_who_asked_is_refused_with_the_reason(world: World) -> None:
    run, _, ts = asked(world)
    world.lab.town.slack.press("rosa", ts, "approve")
    wait_until(lambda: ephemeral(world))
    assert "another person must approve it" in ephemeral(world)[0]
    assert world.votes(run) == []


def test_twenty_presses_at_once_wake_it_once(world: World) -> None:
    run, plan, ts = asked(world)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: world.press("ada", ts, run, plan, number=n).status_code, range(20)))
    assert answers == [200] * 20
    wait_until(lambda: world.resumes(run) == 1)
    assert world.votes(run) == ["ada"]


def test_the_very_same_request_again_does_nothing(world: World) -> None:
    run, plan, ts = asked(world)
    body = urlencode({"payload": json.dumps(payload(run, plan, ts, world.shown(run, plan)))})
    moment = int(time.time())
    headers = signed(SIGNING_SECRET, body, moment)
    assert world.post_slack(body, **headers).status_code == 200
    wait_until(lambda: world.resumes(run) == 1)
    world.engine.suspend(run, f"{gate_name(plan)}-1")
    assert world.post_slack(body, **headers).status_code == 200
    assert world.read(run).state == "PAUSED"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": ""},
        {"x-slack-request-timestamp": "yesterday"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": str(int(time.time()) - 3600)},
        {"x-slack-request-timestamp": str(int(time.time()) + 3600)},
    ],
)
def test_what_slack_did_not_sign_now_is_401(world: World, headers: dict[str, str]) -> None:
    assert world.post_slack("payload=%7B%7D", **headers).status_code == 401


def test_hostile_bytes_are_401_and_never_an_error(world: World) -> None:
    url = f"{world.url}/slack/interactions"
    form = {"content-type": "application/x-www-form-urlencoded", "x-slack-request-timestamp": str(int(time.time()))}
    odd = [(k.encode(), v.encode()) for k, v in form.items()] + [(b"x-slack-signature", "v0=ä".encode())]
    assert http.post(url, content=b"payload=x", headers=odd).status_code == 401
    bad = form | {"x-slack-signature": "v0=00"}
    assert http.post(url, content=b"\xff\xfe", headers=bad).status_code == 401


def test_other_types_and_too_much_are_turned_away(world: World) -> None:
    assert world.post_slack("{}", **{"content-type": "application/json"}).status_code == 415
    assert world.post_slack("payload=" + "x" * 300_000).status_code == 413


def payload(run: str, plan: str, ts: str, shown: str = "sha256:1", **changes: Any) -> dict[str, Any]:
    from liftgate_sandbox.town import CHANNEL

    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "U01ADA", "team_id": TEAM},
        "container": {"channel_id": CHANNEL, "message_ts": ts},
        "actions": [{"action_id": "approve", "value": json.dumps({"promotion": run, "plan": plan, "shown": shown})}],
    } | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"user": {"id": "U09STRANGER", "team_id": TEAM}},
        {"user": {"id": "U01ADA", "team_id": "T2"}},
        {"container": {"channel_id": "C0OTHER", "message_ts": "1.1"}},
        {"container": {"channel_id": "C0RELEASES", "message_ts": "9999.1"}},
        {"type": "view_submission"},
        {"actions": []},
        {"actions": [{"action_id": "approve", "value": "not json"}]},
        {"actions": [{"action_id": "approve", "value": "[]"}]},
        {"actions": [{"action_id": "delete", "value": "{}"}]},
        {"user": None},
        {"team": 7},
    ],
)
def test_signed_but_not_a_press_that_counts_is_200_and_decides_nothing(world: World, changes: dict[str, Any]) -> None:
    run, plan, ts = asked(world)
    body = urlencode({"payload": json.dumps(payload(run, plan, ts, **changes))})
    assert world.post_slack(body).status_code == 200
    assert world.votes(run) == []
    assert world.read(run).state == "PAUSED"


@pytest.mark.parametrize("body", ["payload=", "payload=null", "payload=%5B1%5D", "other=1", "payload=%7B", ""])
def test_signed_nonsense_is_200(world: World, body: str) -> None:
    assert world.post_slack(body).status_code == 200


def test_without_a_signing_secret_nobody_is_believed(world: World) -> None:
    slack = world.at.settings.slack.model_copy(update={"signing_secret": type(world.at.settings.slack.bot_token)("")})
    world.at.settings = world.at.settings.model_copy(update={"slack": slack})
    body = "payload=%7B%7D"
    assert world.post_slack(body, **signed("", body, int(time.time()))).status_code == 401
