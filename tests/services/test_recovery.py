"""Dead runs: found, and given what they need, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from liftgate.domain.promotion.announcement import Announcement, Place
from liftgate.domain.runs.run_notes import RERUN
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services import approvals as approval
from liftgate.services import notes
from liftgate.services.board import runs_under_way
from liftgate.services.notes import Notes
from liftgate.services.recovery import Recovery
from liftgate.settings.sections import ArgoCD
from tests.clocks import Moving
from tests.examples import entry, text
from tests.flows.faults import fault, heal
from tests.lab import configured
from tests.server.world import World, wait_until


def actions(world: World) -> list[str]:
    return [need.action for need in world.recovery().once()]


def test_a_crashed_run_begins_again_under_its_own_id(world: World) -> None:
    run = world.run()
    world.put(run, "CRASHED")
    assert actions(world) == ["go on"]
    now = world.read(run)
    assert (now.state, now.state_name) == ("SCHEDULED", "AwaitingRetry")
    assert actions(world) == []


def test_while_the_repository_is_away_a_crashed_run_goes_on_and_what_ended_after_its_commit_waits(world: World) -> None:
    crashed, failed = world.run(), world.run()
    world.committed(failed)
    recovery = world.recovery()
    world.put(crashed, "CRASHED")
    world.put(failed, "FAILED")
    fault(world.lab, "forge", "git-404")
    assert [need.action for need in recovery.once()] == ["go on"]
    assert world.read(crashed).state_name == "AwaitingRetry"
    assert world.read(failed).state == "FAILED"
    heal(world.lab)
    assert [need.action for need in recovery.once()] == ["roll back"]
    assert world.read(failed).state_name == "AwaitingRetry"


def test_a_crashed_run_goes_on_before_the_repository_is_fetched(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forge that hangs would keep it waiting for a minute."""
    crashed, failed = world.run(), world.run()
    world.committed(failed)
    recovery, seen = world.recovery(), list[str]()
    world.put(crashed, "CRASHED")
    world.put(failed, "FAILED")
    fetch = Mirror.fetch

    def looked(mirror: Mirror) -> str:
        seen.append(world.read(crashed).state_name)
        return fetch(mirror)

    monkeypatch.setattr(Mirror, "fetch", looked)
    assert [need.action for need in recovery.once()] == ["go on", "roll back"]
    assert {*seen} == {"AwaitingRetry"}


def test_a_rerun_that_was_announced_and_never_done_is_done_later(world: World) -> None:
    run = world.run()
    world.put(run, "CRASHED")
    seen = world.read(run)
    world.at.runs.add_input(run, RERUN.key("0"), seen.since.isoformat())
    assert actions(world) == ["go on"]
    assert len(Notes(world.at.runs, run).claims()) == 2


def test_a_run_that_died_five_times_is_not_begun_again(world: World) -> None:
    run = world.run()
    for count in range(5):
        world.at.runs.add_input(run, RERUN.key(str(count)), "2026-01-01T00:00:00+00:00")
    world.put(run, "CRASHED", message="out of memory")
    recovery = world.recovery()
    assert [need.action for need in recovery.once()] == ["tell"]
    assert recovery.once() == []
    assert world.read(run).state == "CRASHED"


def test_a_run_whose_start_was_interrupted_is_given_up_and_its_maker_may_still_go_on_with_it(world: World) -> None:
    """The server or the worker died, was cancelled, or lost Prefect's answer, between making the run and giving it its
    request."""
    left, fresh = world.run(), world.run()
    asked = {"application": "example-app", "to": "prod"}
    keyed = world.at.runs.create("promote", asked, idempotency_key="prod").id
    for run in (left, fresh, keyed):
        world.put(run, "PAUSED", "Held")
    assert isinstance(world.engine, InMemoryRuns)
    for run in (left, keyed):
        kept = world.engine.kept[run]
        kept.run = kept.run.copy_with(since=SystemClock().now() - timedelta(minutes=3))
    assert actions(world) == ["cancel", "cancel"]
    assert [world.read(run).state_name for run in (left, fresh, keyed)] == ["NotStarted", "Held", "NotStarted"]
    again = world.at.runs.create("promote", asked, idempotency_key="prod", inputs=lambda _: {"request": "rosa"})
    assert (again.id, again.state) == (keyed, "SCHEDULED")


def test_people_are_told_once_that_a_run_was_cancelled_and_its_buttons_go(world: World) -> None:
    place = message(world)
    run, _ = world.waiting(place=place)
    world.put(run, "CANCELLED")
    assert actions(world) == ["tell"]
    (shown,) = [each for each in world.lab.town.slack.store.state.messages if each.ts == place]
    assert "was cancelled before anything was changed" in shown.text
    assert not any(block["type"] == "actions" for block in shown.blocks)


@pytest.mark.parametrize("has_message", [True, False])
def test_people_are_told_the_outcome_of_a_run_that_was_cancelled_after_it_was_recorded(
    world: World, monkeypatch: pytest.MonkeyPatch, *, has_message: bool
) -> None:
    """The process was killed between the entry and its message. A chat that does not answer is asked again."""
    monkeypatch.setattr(notes, "SENDING", timedelta())
    place = message(world) if has_message else ""
    run = world.waiting(place=place)[0] if has_message else world.run()
    world.record(entry(promotion=run, revision=world.committed(run), environment="prod", outcome="promoted"))
    world.put(run, "CANCELLED")
    slack, recovery = world.lab.town.slack, world.recovery()
    fault(world.lab, "slack", "status-503", times=1000)
    assert recovery.once() == []
    heal(world.lab, "slack")
    said = [recovery.once(), recovery.once(), world.recovery().once()]
    assert [[need.action for need in done] for done in said] == [["tell"], [], ["tell"]]
    shown = [each for each in slack.store.state.messages if "after its outcome was recorded" in each.text]
    assert len(shown) == 1, "a server that starts again says it no second time"
    assert "✅" in shown[0].text
    assert not place or shown[0].ts == place


def test_of_two_servers_one_tells_the_outcome_of_a_cancelled_run_without_a_message(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, first, second = world.run(), world.recovery(), world.recovery()
    world.record(entry(promotion=run, revision=world.committed(run), environment="prod", outcome="promoted"))
    world.put(run, "CANCELLED")
    post = world.at.chat.post

    def meanwhile(said: Announcement) -> Place | None:
        monkeypatch.setattr(world.at.chat, "post", post)
        second.once()
        return post(said)

    monkeypatch.setattr(world.at.chat, "post", meanwhile)
    first.once()
    second.once()
    sent = [each.metadata or {} for each in world.lab.town.slack.store.state.messages]
    assert [each["event_payload"]["promotion"] for each in sent] == [run]


def test_a_run_that_began_long_ago_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A freeze, a soak or a queue held it for longer than a gate stays open."""
    waiting, _ = world.waiting()
    crashed, failed, dead = world.run(), world.run(), world.run()
    world.committed(failed)
    recovery = world.recovery()
    for run, state in ((crashed, "CRASHED"), (failed, "FAILED"), (dead, "RUNNING")):
        world.put(run, state)
    monkeypatch.setattr(recovery.restarts.liveness, "lost_worker", lambda _: "w")
    assert isinstance(world.engine, InMemoryRuns)
    for kept in world.engine.kept.values():
        kept.begun = SystemClock().now() - timedelta(days=20)
    assert {run.id for run in runs_under_way(world.at).runs} == {waiting, crashed, dead}
    assert sorted(need.action for need in recovery.once()) == ["go on", "go on", "roll back", "wake"]


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_run_that_ended_after_its_commit_without_an_outcome_is_rolled_back(world: World, state: str) -> None:
    run = world.run()
    world.committed(run, forged=True)
    world.put(run, state)
    assert "roll back" not in actions(world), "that is a person's own commit, whatever it says"
    world.committed(run)
    assert actions(world) == ["roll back"]
    assert Notes(world.at.runs, run).stop()
    assert world.read(run).state_name == "AwaitingRetry"


def test_an_outcome_in_the_ledger_ends_it(world: World) -> None:
    run = world.run()
    revision = world.committed(run)
    world.record(entry(promotion=run, revision=revision, environment="prod", outcome="rolled back"))
    world.put(run, "FAILED", "RolledBack")
    assert actions(world) == []
    assert world.read(run).state_name == "RolledBack"


def test_a_gate_that_ran_out_begins_again_so_that_it_is_recorded(world: World) -> None:
    run, _ = world.waiting()
    world.put(run, "FAILED", message="The flow was suspended and never resumed.")
    assert actions(world) == ["go on"]


def test_a_run_killed_while_it_was_being_suspended_begins_again_once_the_votes_decide(world: World) -> None:
    run, plan = world.waiting(form=False)
    assert actions(world) == []
    world.lab.vote(run, "ada", plan=plan)
    assert actions(world) == ["wake"]
    assert world.read(run).state_name == "AwaitingRetry"


def test_without_an_argo_cd_here_the_run_is_woken_by_votes_and_now_and_then_to_ask_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would be woken every other second as long as a sync window is closed."""
    blind = Recovery(world.another(argocd=ArgoCD()))
    run, plan = world.waiting(form=False)
    world.lab.vote(run, "ada", plan=plan)
    deadline, day = timedelta(seconds=world.at.settings.gate_deadline), timedelta(days=1)
    world.suspended(run, waking=1, until=world.at.clock.now() + deadline)
    assert [need.action for need in blind.once()] == []
    monkeypatch.setattr(approval, "LOOKS", timedelta())
    assert [need.action for need in blind.once()] == ["wake"]
    world.suspended(run, waking=2, until=world.at.clock.now() + day + deadline)
    assert [need.action for need in blind.once()] == [], "the run knows that the window is closed for a day"


def test_a_vote_that_counts_no_more_wakes_nothing(world: World) -> None:
    run, plan = world.waiting()
    recovery = world.recovery()
    world.lab.vote(run, "ada", plan=plan)
    rules = {"prod": {"approvals": {"needed": 1, "from": ["grace"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=rules))})
    recovery.once()
    assert world.resumes(run) == 0


def test_a_run_whose_worker_is_gone_is_begun_again_once_whatever_other_workers_say(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Moving()
    monkeypatch.setattr(world.at, "clock", clock)
    running, cancelled, other = world.held("gone"), world.held("gone"), world.held("alive")
    world.put(cancelled, "CANCELLING")
    both = [Recovery(world.at), Recovery(world.at)]
    found = [action for _ in range(8) for action in passing(world, clock, both)]
    assert [action for action in sorted(found) if action != "tell"] == ["cancel", "go on"]
    assert world.reruns(running) == 1
    assert len(Notes(world.at.runs, running).claims()) == 1
    assert world.read(other).state == "RUNNING"
    assert world.read(cancelled).state == "CANCELLED"


def passing(world: World, clock: Moving, recoveries: list[Recovery]) -> list[str]:
    """Five seconds, in which one worker lives; what was done."""
    clock.ahead += 5.0
    world.engine.hear(world.name, "alive")
    return [need.action for recovery in recoveries for need in recovery.once()]


def test_a_running_run_of_a_living_worker_is_left_alone(world: World) -> None:
    run = world.run()
    world.put(run, "RUNNING")
    assert actions(world) == []


def test_the_application_sweeps_while_it_is_up(world: World) -> None:
    run = world.run()

    async def while_it_is_up() -> None:
        async with world.app.router.lifespan_context(world.app):
            world.put(run, "CRASHED")
            wait_until(lambda: world.read(run).state_name == "AwaitingRetry")

    asyncio.run(while_it_is_up())


def message(world: World) -> str:
    """A message with buttons in the sandbox's channel; its ts."""
    from liftgate.domain.promotion.announcement import Announcement

    place = world.at.chat.post(Announcement(promotion="x", title="t", state="waits", vote_on="sha256:1"))
    assert place is not None
    return place.ts
