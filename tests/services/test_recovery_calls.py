"""A round of recovery and the board cost a bounded number of calls, however many runs wait."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from liftgate.domain.approval.vote import gate_name
from liftgate.domain.drift.record import Drifting
from liftgate.domain.promotion.recovery_rules import RecoveryAction
from liftgate.domain.runs.run_notes import PLAN
from liftgate.errors import Unavailable
from liftgate.integrations import deadline
from liftgate.integrations.git import process
from liftgate.integrations.runs.memory import MemoryRuns
from liftgate.integrations.runs.run import Run
from liftgate.services import approvals, planning, turns
from liftgate.services import board as boards
from liftgate.services import recovery as service
from liftgate.services.board import DETAILED
from liftgate.services.record_vote import record_vote
from liftgate.services.recovery import WAITING, Recovery
from tests.clocks import Ahead
from tests.server.world import World
from tests.services.walk import gated

FEW, MANY = 25, 1000
STARTUP = 5
"""Calls that do not depend on how many runs there are."""
SEARCH = "/application/features/search"
LOCAL = ("account", "login", "own_login")
"""Of a forge: these ask no server."""


class Counting:
    """Integrations or a role of them, with a count of the calls by name."""

    def __init__(self, of: Any, calls: Counter[str]) -> None:
        self._real, self._calls = of, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        if not callable(found) or name in LOCAL:
            return found

        def counted(*given: Any, **more: Any) -> Any:
            self._calls[name] += 1
            return found(*given, **more)

        return counted


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, Counter[str]]:
    """Of Prefect, of the forge, and of git processes."""
    counted: dict[str, Counter[str]] = {"prefect": Counter(), "forge": Counter(), "git": Counter()}
    usual = deadline.output_of

    def one_more(command: Any, *given: Any, **more: Any) -> Any:
        counted["git"]["process"] += 1
        return usual(command, *given, **more)

    monkeypatch.setattr(process, "output_of", one_more)
    world.at.runs = Counting(world.at.runs, counted["prefect"])
    monkeypatch.setattr(world.at, "forge", Counting(world.at.forge, counted["forge"]))
    return counted


def wait(world: World, count: int) -> list[str]:
    """So many updates that wait for votes at prod's gate: unlike promotions they wait side by side."""
    change: dict[str, Any] = {"application": "example-app", "environment": "prod", "changes": {SEARCH: False}}
    plan = planning.update(world.at.tree(world.at.git.fetch()), "example-app", "prod", change["changes"])
    runs = [world.run("update", **change) for _ in range(count)]
    for run in runs:
        world.suspended(run, plan, form=True)
        world.at.runs.add_input(run, PLAN.key(gate_name(plan.hash)), PLAN.text(plan))
    return runs


def line(world: World, count: int) -> list[str]:
    """So many promotions of one release after the other at dev's gate; none has a vote."""
    plan = world.plan().copy_with(environment="dev", source="")
    runs = [world.run(to="dev", release=f"1.5.{number}") for number in range(count)]
    for number, run in enumerate(runs):
        mine = plan.copy_with(release_id=f"sha256:{number:064}", version=f"1.5.{number}")
        world.suspended(run, mine, form=True)
        world.at.runs.add_input(run, PLAN.key(gate_name(mine.hash)), PLAN.text(mine))
    return runs


def total(calls: dict[str, Counter[str]]) -> dict[str, int]:
    found = {of: sum(counter.values()) for of, counter in calls.items()}
    for counter in calls.values():
        counter.clear()
    return found


@pytest.mark.parametrize("count", [FEW, MANY])
def test_a_round_costs_the_same_however_many_wait(world: World, calls: dict[str, Counter[str]], count: int) -> None:
    wait(world, count)
    recovery = Recovery(world.at)
    recovery.once()
    total(calls)
    assert recovery.once() == []
    spent = total(calls)
    assert spent["forge"] == 0, "no pull request waits"
    assert spent["prefect"] <= WAITING + STARTUP
    assert spent["git"] <= STARTUP


@pytest.mark.parametrize("count", [FEW, MANY])
def test_the_same_where_promotions_queue(world: World, calls: dict[str, Counter[str]], count: int) -> None:
    """Only a round after one of them moved compares them."""
    gated(world, policy={"waiting": "queue"})
    line(world, count)
    recovery = Recovery(world.at)
    recovery.once()
    total(calls)
    recovery.once()
    assert total(calls)["prefect"] <= 2 * WAITING + STARTUP


@pytest.mark.parametrize("count", [FEW, MANY])
def test_the_board_costs_the_same_however_many_wait(world: World, calls: dict[str, Counter[str]], count: int) -> None:
    wait(world, count)
    total(calls)
    shown = boards.board(world.at, Drifting())
    spent = total(calls)
    assert len(shown.waiting) == count
    assert spent["forge"] == 0
    assert spent["prefect"] <= DETAILED + STARTUP


def test_a_board_that_is_made_again_soon_reads_only_the_notes_that_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs, read, usual = wait(world, 60), list[str](), MemoryRuns._inputs

    def counted(self: MemoryRuns, run_id: str) -> dict[str, str]:
        read.append(run_id)
        return usual(self, run_id)

    monkeypatch.setattr(MemoryRuns, "_inputs", counted)
    first = boards.board(world.at, Drifting())
    assert len(read) == DETAILED
    read.clear()
    assert boards.board(world.at, Drifting()) == first
    assert read == []
    plan = approvals.pending_approval(world.at, world.at.latest, world.read(runs[0])).plan
    read.clear()
    cast: Any = {"person": "ada", "decision": "reject", "through": "page"}
    shown = world.shown(runs[0], plan)
    assert record_vote(world.at, promotion_id=runs[0], plan=plan, shown=shown, **cast).accepted
    read.clear()
    assert runs[0] not in {each.promotion for each in boards.board(world.at, Drifting()).waiting}
    assert len(read) == 1, "of the run that is now among those that wait longest"


def test_a_slow_prefect_keeps_no_board_from_being_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Today each run that waits costs its time, and after ten seconds there is no board."""
    runs, clock = wait(world, 3), Ahead()
    monkeypatch.setattr(world.at, "clock", clock)
    usual = type(world.at.runs).inputs

    def inputs(self: Any, run_id: str, prefix: str = "", **more: Any) -> Any:
        clock.ahead += boards.WITHIN / 2 + 0.01
        return usual(self, run_id, prefix, **more)

    monkeypatch.setattr(type(world.at.runs), "inputs", inputs)
    shown = boards.board(world.at, Drifting())
    assert [each.promotion for each in shown.waiting] == runs
    assert ["its page says for whom" in each.sentence for each in shown.waiting] == [False, False, True]


def test_each_run_that_waits_gets_its_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "WAITING", 2)
    waiting = wait(world, 5)
    recovery, looked = Recovery(world.at), list[str]()
    usual = recovery.look

    def look(run: Run) -> RecoveryAction:
        looked.append(run.id)
        return usual(run)

    monkeypatch.setattr(recovery, "look", look)
    for _ in range(3):
        recovery.once()
    assert set(looked[:5]) == set(waiting)


def test_a_run_that_cannot_be_read_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.run(), world.run()
    for run in (first, second):
        world.put(run, "CRASHED")
    usual = type(world.at.runs).inputs

    def fails(self: Any, run_id: str, prefix: str = "", **more: Any) -> Any:
        if run_id == second:
            raise Unavailable("Prefect answered 500")
        return usual(self, run_id, prefix, **more)

    monkeypatch.setattr(type(world.at.runs), "inputs", fails)
    assert [need.action for need in Recovery(world.at).once()] == ["go on"]
    assert world.read(first).state_name == "AwaitingRetry"


@pytest.mark.parametrize("failing", [0, 1])
def test_a_superseded_run_that_cannot_be_woken_stops_no_other_and_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    gated(world)
    runs = line(world, 3)
    world.at.git.fetch()
    usual, is_away = type(world.at.runs).resume, [True]

    def resume(self: Any, run_id: str, answer: Any) -> Any:
        if is_away[0] and run_id == runs[failing]:
            raise Unavailable("Prefect answered 500")
        return usual(self, run_id, answer)

    monkeypatch.setattr(type(world.at.runs), "resume", resume)
    recovery, expected = Recovery(world.at), [1, 1, 0]
    recovery.once()
    expected[failing] = 0
    assert [world.resumes(run) for run in runs] == expected
    is_away[0] = False
    recovery.once()
    assert [world.resumes(run) for run in runs] == [1, 1, 0]


def test_a_crashed_run_is_restarted_before_those_at_a_gate_are_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparing reads the notes of each."""
    gated(world)
    line(world, 2)
    crashed, seen = world.run(), list[str]()
    world.put(crashed, "CRASHED")
    usual = turns.overtaken

    def overtaken(*given: Any) -> Any:
        seen.append(world.read(crashed).state_name)
        return usual(*given)

    monkeypatch.setattr(turns, "overtaken", overtaken)
    Recovery(world.at).once()
    assert seen == ["AwaitingRetry"]
