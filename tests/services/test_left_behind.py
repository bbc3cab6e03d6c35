"""A run that was stopped after people saw it, and finds at its next start that there is nothing to do."""

from __future__ import annotations

from liftgate.services.left_behind import take_away
from tests.server.world import World
from tests.services.walk import BY_PULL_REQUEST, at_gate


def branches(world: World) -> str:
    return world.lab.mirror("reader").git.run("ls-remote", "--heads", "origin", "liftgate/p*").out.decode()


def test_its_preview_pull_request_and_question_go(deployed: World) -> None:
    run, change, _ = at_gate(deployed, deliver=BY_PULL_REQUEST)
    assert f"liftgate/promotions/{run.run}" in branches(deployed)
    take_away(run.at, change)
    assert branches(deployed) == ""
    (message,) = [each for each in deployed.lab.town.slack.store.state.messages if not each.thread_ts]
    assert message.text == f"{change.title}: ☑️ nothing to do: 1.4.2 is in dev, verified"
    assert not any(block["type"] == "actions" for block in message.blocks)


def test_where_people_saw_nothing_no_message_is_made(deployed: World) -> None:
    run, change, _ = at_gate(deployed)
    other = change.copy_with(id="00000000-0000-4000-8000-000000000000")
    before = len(deployed.lab.town.slack.store.state.messages)
    take_away(run.at, other)
    assert len(deployed.lab.town.slack.store.state.messages) == before
