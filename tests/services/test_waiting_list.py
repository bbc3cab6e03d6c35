"""The list of runs that wait is read less often the more there are; a run that goes on is seen at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.integrations.runs.run import Listed
from liftgate.services.waiting_list import LONGEST, WaitingList

EVERY = 2.0


@dataclass
class Scene:
    """Runs in memory, with the states that were asked for each time."""

    engine: InMemoryRuns = field(default_factory=lambda: InMemoryRuns(SystemClock()))
    asked: list[tuple[str, ...]] = field(default_factory=list)
    seconds: float = 1000.0
    name = "here"

    def __post_init__(self) -> None:
        self.engine.deploy(self.name, "promote")
        self.real = self.engine.runs(self.name)
        self.clock, self.runs, self.limits = self, self, SimpleNamespace(recovery_every=EVERY)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return SystemClock().now()

    def find(self, *, flows: Any, states: tuple[str, ...]) -> Any:
        self.asked.append(states)
        return self.real.find(flows=flows, states=states)

    def wait(self, number: int) -> list[str]:
        runs = [self.real.create("promote", {}).id for _ in range(number)]
        for run in runs:
            self.engine.suspend(run, "gate-1-0")
        return runs

    def list_of(self, in_a_round: int = 20) -> WaitingList:
        at: Any = self
        return WaitingList(at, ("promote",), in_a_round)


@pytest.mark.parametrize(("number", "often"), [(0, 6), (1, 6), (20, 6), (21, 3), (41, 2), (200, 1), (5000, 1)])
def test_a_list_serves_as_many_rounds_as_it_takes_to_look_at_each(number: int, often: int) -> None:
    scene = Scene()
    scene.wait(number)
    waiting = scene.list_of()
    for _ in range(6):
        assert len(waiting.unfinished().runs) == number
        scene.seconds += EVERY
    assert sum("PAUSED" in states for states in scene.asked) == often
    scene.seconds += LONGEST
    waiting.unfinished()
    assert "PAUSED" in scene.asked[-1], "in any case after a minute"


def test_a_run_that_goes_on_is_seen_at_once() -> None:
    scene = Scene()
    run, *_ = scene.wait(100)
    waiting = scene.list_of()
    waiting.unfinished()
    scene.engine.put(run, "RUNNING", "Running", "")
    found = {each.id: each.state for each in waiting.unfinished().runs}
    assert (found[run], len(found)) == ("RUNNING", 100)


def test_a_run_that_cannot_be_read_is_named_once_and_alike_in_every_round() -> None:
    """Else recovery would log it again in each."""
    scene = Scene()
    scene.wait(100)
    usual = scene.find

    def find(*, flows: Any, states: tuple[str, ...]) -> Listed:
        found: Listed = usual(flows=flows, states=states)
        return found.copy_with(alone=(found.runs[0].id,) if found.runs else (), unread=("one", "another"))

    scene.find = find  # type: ignore[method-assign]
    waiting = scene.list_of()
    said = [waiting.unfinished().notices for _ in range(3)]
    assert said[0] == said[1] == said[2]
    assert said[0][-1].endswith("left out: one, another")
