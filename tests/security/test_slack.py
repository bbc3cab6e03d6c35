"""Clicks in Slack: from which workspace, on which message, and what the person reads while Prefect hangs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from liftgate_sandbox.slack.model import TEAM, Grant
from liftgate_sandbox.town import CHANNEL

from liftgate.integrations.runs.prefect import Prefect
from liftgate.server.clicks import Clicks
from liftgate.services.notes import Notes
from tests.security.hanging import hanging
from tests.server.test_slack import asked, ephemeral, payload
from tests.server.world import World, server_world, wait_until

OTHER = {"team": {"id": "T0STRANGER"}, "user": {"id": "U01ADA", "team_id": "T0STRANGER"}}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path) as world:
        yield world


def impatient(url: str) -> Prefect:
    """A client that does not try again what failed: only the click itself is tried again."""
    prefect = Prefect(f"{url}/api")
    prefect.gaps = ()
    return prefect


def clicked(world: World, run: str, plan: str, ts: str, **changes: Any) -> int:
    shown = Notes(world.worker.runs, run).shown(plan).page
    given = payload(run, plan, ts, shown) | {"response_url": answer_to(world, ts)} | changes
    return world.post_slack(urlencode({"payload": json.dumps(given)})).status_code


def answer_to(world: World, ts: str) -> str:
    """A response_url as Slack makes one for a click of ada's."""
    slack, key = world.lab.town.slack, "answers"
    grant = Grant(channel=CHANNEL, ts=ts, user="U01ADA", expires=slack.store.clock() + 600)
    slack.store.change(grants={**slack.store.state.grants, key: grant})
    return f"{world.lab.town.urls['slack']}/actions/{key}"


def test_a_signed_click_from_another_workspace_decides_nothing(world: World) -> None:
    run, plan, ts = asked(world)
    with hanging() as url:
        runs, world.at.runs = world.at.runs, impatient(url)  # it is refused before Prefect is asked
        assert clicked(world, run, plan, ts, **OTHER) == 200
        wait_until(lambda: ephemeral(world))
        world.at.runs = runs
    assert ephemeral(world) == ["your decision does not count: T0STRANGER is not the workspace of this Liftgate server"]
    assert world.votes(run) == []


def test_the_workspace_of_the_setting_counts_instead_of_the_tokens(world: World) -> None:
    run, plan, ts = asked(world)
    slack = world.at.settings.slack.model_copy(update={"workspace": "T0STRANGER"})
    world.at.settings = world.at.settings.model_copy(update={"slack": slack})
    clicked(world, run, plan, ts)
    clicked(world, run, plan, ts, **OTHER)
    wait_until(lambda: len(ephemeral(world)) == 2)
    assert world.votes(run) == ["ada"]


BAD = ["../../admin", "-" * 36, "22222222-2222-4222-8222-222222222222\n", "x" * 3000, 7, None, {"a": 1}]


def test_a_button_whose_promotion_has_no_form_of_one_asks_prefect_for_nothing(world: World) -> None:
    run, plan, ts = asked(world)
    with hanging() as url:
        runs, world.at.runs = world.at.runs, impatient(url)
        for bad in BAD:
            value = json.dumps({"promotion": bad, "plan": plan})
            assert clicked(world, run, plan, ts, actions=[{"action_id": "approve", "value": value}]) == 200
        about = {"metadata": {"event_type": "liftgate_promotion", "event_payload": {"promotion": BAD[1]}}}
        assert clicked(world, run, plan, ts, message=about) == 200, "the message is about another promotion"
        elsewhere = {"channel_id": "C0OTHER", "message_ts": ts}
        assert clicked(world, run, plan, ts, container=elsewhere) == 200
        wait_until(lambda: ephemeral(world))
        world.at.runs = runs
    assert ephemeral(world) == ["this is not the promotion's own message; use the buttons there"]
    assert world.votes(run) == []


def test_a_person_is_told_soon_that_prefect_hangs_and_later_what_came_of_it(world: World) -> None:
    """Today minutes later."""
    run, plan, ts = asked(world)
    world.app.state.state.clicks = Clicks(world.at, world.app.state.state.presses, soon=0.2)
    with hanging() as url:
        runs, world.at.runs = world.at.runs, impatient(url)
        assert clicked(world, run, plan, ts) == 200
        wait_until(lambda: ephemeral(world))
        assert ephemeral(world)[0].startswith("your decision is not recorded yet: Prefect or Git has not answered.")
        world.at.runs = runs
    wait_until(lambda: len(ephemeral(world)) == 2)
    assert ephemeral(world)[1].startswith("you approved ")
    assert world.votes(run) == ["ada"]


def test_a_decision_that_is_given_up_is_said(world: World) -> None:
    run, plan, ts = asked(world)
    world.app.state.state.clicks = Clicks(world.at, world.app.state.state.presses, soon=30, within=0.5)
    with hanging() as url:
        runs, world.at.runs = world.at.runs, impatient(url)
        clicked(world, run, plan, ts)
        wait_until(lambda: ephemeral(world))
        world.at.runs = runs
    assert ephemeral(world)[0].startswith("your decision was not recorded: ")
    assert world.votes(run) == []


def test_above_the_limit_a_click_is_refused_and_not_lost_in_silence(world: World) -> None:
    run, plan, ts = asked(world)
    world.app.state.state.clicks = Clicks(world.at, world.app.state.state.presses, most=1, within=10)
    with hanging() as url:
        runs, world.at.runs = world.at.runs, impatient(url)
        assert clicked(world, run, plan, ts) == 200
        assert clicked(world, run, plan, ts, number=2) == 503
        wait_until(lambda: ephemeral(world))
        world.at.runs = runs


def test_an_answer_calls_no_channel(world: World) -> None:
    run, plan, ts = asked(world)
    clicked(world, run, plan, ts, user={"id": "<!channel>", "team_id": TEAM}, team={"id": TEAM})
    wait_until(lambda: ephemeral(world))
    assert "&lt;!channel&gt;" in ephemeral(world)[0]
