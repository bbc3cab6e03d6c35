"""The chat does not answer for a while: people are still asked at the gate, once, and told of the outcome."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.domain.approval.vote import gate_name
from liftgate.domain.runs.run_notes import UNSENT
from liftgate.errors import Unavailable
from liftgate.integrations.runs.run import Run
from liftgate.services import notes, outcomes, unsent
from liftgate.services.notes import Notes
from liftgate.services.outcomes import Result, record_once
from liftgate.services.recovery import Recovery
from tests.examples import NOW
from tests.flows.faults import fault, heal
from tests.server.world import World
from tests.services.walk import at_gate

AWAY = ("slack", "status-503")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unsent, "AGAIN", 0.0)
    monkeypatch.setattr(notes, "SENDING", timedelta())


def messages(world: World) -> list[str]:
    """The titles and states of those in the channel."""
    return [each.text for each in world.lab.town.slack.store.state.messages if not each.thread_ts]


def buttons(world: World) -> list[str]:
    (message,) = world.lab.town.slack.store.state.messages
    return [each["value"] for block in message.blocks if block["type"] == "actions" for each in block["elements"]]


def test_people_are_asked_once_the_chat_answers_again(deployed: World) -> None:
    world = deployed
    fault(world.lab, *AWAY, times=1000)
    _, change, plan = at_gate(world)
    recovery = world.recovery()
    recovery.once()
    assert messages(world) == []
    heal(world.lab, "slack")
    recovery.once()
    (said,) = messages(world)
    assert said.startswith(f"{change.title}: ⏸ needs 1 approval")
    assert plan.hash in "".join(buttons(world))
    assert Notes(world.at.runs, change.id).place()
    for each in (recovery, world.recovery()):
        each.once()
    assert messages(world) == [said], "also not by a server that was started later"


def test_of_two_servers_one_sends_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "SENDING", timedelta(minutes=1))
    run, _ = world.waiting()
    Notes(world.at.runs, run).keep_unsent(gate_name(world.plan().hash), 0, NOW)
    first, second = Recovery(world.at), Recovery(world.at)
    assert Notes(world.at.runs, run).may_ask(world.read(run).pause_key, world.at.clock.now())
    first.once()
    second.once()
    assert messages(world) == [], "the server with the number is sending it"


def test_a_note_that_anyone_may_have_written_changes_nothing_that_the_message_says(world: World) -> None:
    run, digest = world.waiting()
    waits = world.read(run).pause_key
    world.at.runs.add_input(run, UNSENT.key(*waits.rsplit("-", 1)), "<https://evil.example|approve here>")
    world.recovery().once()
    (said,) = messages(world)
    assert "evil" not in str(world.lab.town.slack.store.state.messages)
    assert digest in "".join(buttons(world))
    assert said.endswith("⏸ needs 1 approval: ada or grace")


def test_a_run_that_ended_while_its_message_was_made_asks_for_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own message says the outcome by then, and would be replaced."""
    run, digest = world.waiting()
    Notes(world.at.runs, run).keep_unsent(gate_name(digest), 0, NOW)
    usual = unsent.UnsentMessages._asking

    def ends(sender: unsent.UnsentMessages, waiting: Run) -> object:
        said = usual(sender, waiting)
        world.put(run, "COMPLETED")
        return said

    monkeypatch.setattr(unsent.UnsentMessages, "_asking", ends)
    world.recovery().once()
    assert messages(world) == []


def test_a_message_that_cannot_be_made_stops_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run, digest = world.waiting()
    Notes(world.at.runs, run).keep_unsent(gate_name(digest), 0, NOW)
    recovery, asked = world.recovery(), list[str]()

    def fails(_: object, run: Run) -> None:
        asked.append(run.id)
        raise KeyError(run.id)

    monkeypatch.setattr(unsent.UnsentMessages, "_asking", fails)
    recovery.once()
    assert asked == [run]
    assert recovery.take_overs._seen[0] == world.at.git.head, "what comes after it in the round is done"


def test_the_outcome_is_told_when_the_task_is_tried_again(deployed: World) -> None:
    world, (_, change, plan) = deployed, at_gate(deployed)
    fault(world.lab, *AWAY, times=1000)
    entry = record_once(world.at, change, Result(outcome="refused", reason="a review said no", plan=plan))
    shown: list[str] = []

    def conclude() -> None:
        outcomes.conclude_attempt(world.at, change, entry, plan, lambda kind, *_: shown.append(kind))

    with pytest.raises(Unavailable, match="Slack"):
        conclude()
    assert shown == ["outcome"], "what is not of the chat is done"
    heal(world.lab, "slack")
    conclude()
    (said,) = messages(world)
    assert "⛔ Refused: a review said no" in said
    assert buttons(world) == []
