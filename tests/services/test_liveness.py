"""The runs of a worker that is gone are begun again elsewhere, once; an outage of Prefect takes none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from liftgate.domain.promotion.liveness import BEAT, SILENT, UNHEARD, UNNAMED, Holder
from liftgate.errors import Unavailable
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services.liveness import EVERY, Liveness
from liftgate.services.notes import Notes
from tests.examples import NOW

DEAD, ALIVE = "host-1-aaaaaaaa-11111111", "host-2-bbbbbbbb-22222222"


class Manual:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class At:
    runs: Any
    clock: Manual


class Away:
    """Prefect does not answer."""

    def heartbeats(self) -> Any:
        raise Unavailable("connection refused")


@dataclass
class Scene:
    engine: InMemoryRuns
    at: At
    liveness: Liveness
    beating: set[str]

    @property
    def runs(self) -> Any:
        return self.engine.runs("shop")

    def start(self, *states: str, worker: str = "") -> str:
        """A run in the last of these states; with a worker, it names it."""
        run = self.runs.create("promote", {}).id
        for state in states:
            self.runs.set_state(run, state, state.title(), "")
            if state == "PENDING" and worker:
                Notes(self.runs, run).keep_holder(Holder(worker=worker, since=self.runs.read(run).since))
        return str(run)

    def passes(self, seconds: float, *, away: bool = False) -> None:
        """Time in which the workers that live send heartbeats, and the runs are followed."""
        until = self.at.clock.seconds + seconds
        while self.at.clock.seconds < until:
            self.at.clock.sleep(EVERY)
            if not away and self.at.clock.seconds % BEAT < EVERY:
                for worker in self.beating:
                    self.engine.hear("shop", worker)
            self.at.runs = Away() if away else self.runs
            self.liveness.look()
            if not away:
                self.liveness.follow(self.runs.find(flows=("promote",)).runs)

    def lost(self) -> dict[str, str]:
        """The worker that each run has lost."""
        found = {run.id: self.liveness.lost_worker(run) for run in self.runs.find(flows=("promote",)).runs}
        return {run: worker for run, worker in found.items() if worker is not None}


@pytest.fixture
def scene() -> Scene:
    clock = Manual()
    engine = InMemoryRuns(clock)
    engine.deploy("shop", "promote")
    at = At(engine.runs("shop"), clock)
    scene = Scene(engine, at, Liveness(at), {DEAD, ALIVE})
    scene.passes(2 * BEAT)
    return scene


@pytest.mark.parametrize("states", [("PENDING",), ("PENDING", "RUNNING"), ("PENDING", "RUNNING", "CANCELLING")])
def test_a_run_whose_worker_is_gone_is_lost_whatever_other_workers_say(scene: Scene, states: tuple[str, ...]) -> None:
    lost, other = scene.start(*states, worker=DEAD), scene.start(*states, worker=ALIVE)
    scene.beating.remove(DEAD)
    scene.passes(SILENT - BEAT)
    assert scene.lost() == {}
    scene.passes(2 * BEAT + EVERY)
    assert scene.lost() == {lost: DEAD}
    assert other not in scene.lost()


def test_after_an_outage_of_two_minutes_none_of_twenty_runs_is_lost(scene: Scene) -> None:
    for number in range(20):
        states = ("PENDING", "RUNNING", "CANCELLING")[: 1 + number % 3]
        scene.start(*states, worker=(DEAD, ALIVE, "")[number % 2] if number < 18 else "")
    scene.passes(BEAT)
    scene.passes(120.0, away=True)
    for _ in range(int(SILENT / EVERY) + 1):
        scene.passes(EVERY)
        assert scene.lost() == {}
    scene.beating.clear()
    scene.passes(SILENT + BEAT + EVERY)
    assert len(scene.lost()) >= 18, "without an outage they are found"


def test_a_run_that_was_given_to_another_worker_is_that_ones(scene: Scene) -> None:
    run = scene.start("PENDING", "RUNNING", worker=DEAD)
    scene.beating.remove(DEAD)
    scene.runs.rerun(run, "")
    scene.runs.set_state(run, "PENDING", "Pending", "")
    scene.passes(SILENT + BEAT)
    assert scene.lost() == {}, "it waits for a worker that has not named itself yet, not for the one before"
    Notes(scene.runs, run).keep_holder(Holder(worker=ALIVE, since=scene.runs.read(run).since))
    scene.runs.set_state(run, "RUNNING", "Running", "")
    Notes(scene.runs, run).keep_holder(Holder(worker=DEAD, since=NOW))
    scene.passes(2 * UNHEARD)
    assert scene.lost() == {}, "a note that an earlier worker writes late changes nothing"


@pytest.mark.parametrize("off", [timedelta(minutes=2), timedelta(minutes=-2)], ids=str)
def test_the_clocks_of_two_prefect_servers_do_not_decide_who_has_a_run(scene: Scene, off: timedelta) -> None:
    """The host of the first worker was lost, and its Prefect server's clock differs from the other one's."""
    run = scene.runs.create("promote", {}).id
    notes = Notes(scene.runs, run)
    scene.runs.set_state(run, "PENDING", "Pending", "")
    notes.keep_holder(Holder(worker=DEAD, since=scene.runs.read(run).since + off))
    scene.runs.set_state(run, "RUNNING", "Running", "")
    scene.beating.remove(DEAD)
    scene.passes(SILENT + BEAT + EVERY)
    assert scene.lost() == {run: DEAD}
    scene.runs.rerun(run, "")
    scene.runs.set_state(run, "PENDING", "Pending", "")
    notes.keep_holder(Holder(worker=ALIVE, since=scene.runs.read(run).since), has_begun=True)
    scene.runs.set_state(run, "RUNNING", "Running", "")
    scene.passes(2 * UNHEARD)
    assert scene.lost() == {}
    scene.beating.clear()
    scene.passes(UNHEARD)
    assert scene.lost() == {run: ALIVE}


def test_a_run_that_names_no_worker_is_lost_later(scene: Scene) -> None:
    waits, runs = scene.start("PENDING"), scene.start("PENDING", "RUNNING")
    scene.passes(UNNAMED - BEAT)
    assert scene.lost() == {}
    scene.passes(2 * BEAT)
    assert scene.lost() == {waits: ""}
    scene.beating.clear()
    scene.passes(UNHEARD + 2 * BEAT)
    assert scene.lost() == {waits: "", runs: ""}


def test_the_worker_of_a_run_is_read_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.start("PENDING", "RUNNING", worker=ALIVE)
    scene.passes(2 * SILENT)
    read: list[str] = []
    usual = type(scene.runs).inputs

    def inputs(self: Any, run_id: str, prefix: str = "") -> Any:
        read.append(run_id)
        return usual(self, run_id, prefix)

    monkeypatch.setattr(type(scene.runs), "inputs", inputs)
    for _ in range(10):
        scene.passes(EVERY)
        assert scene.lost() == {}
    assert len(read) == 1
