"""A long list of runs that wait: the same runs as by pages of whole ones, and only what changed is read whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs import Runs, long_list, prefect
from liftgate.integrations.runs.listing import Page
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.integrations.runs.prefect import Prefect
from liftgate.integrations.runs.run import Run
from tests.integrations.runs.engines import Engine, RealPrefect

SUMS, SHORT, WHOLE = "/flow_runs/history", "/ui/flow_runs/history", "/flow_runs/filter"
STATES = ("PAUSED", "RUNNING")
OTHERS = "those that do not wait, in short"
LOOK = [(OTHERS, 0), (SUMS, 0)]
"""What tells that the same runs wait as before."""


@dataclass
class Scene:
    """`runs` stays the same, as in a server; `others` are another process's."""

    engine: Engine
    name: str
    runs: Runs
    asked: list[tuple[str, int]] = field(default_factory=list)
    """Each list that was asked for, with how many runs were named; 0 for all."""

    @property
    def others(self) -> Runs:
        return self.engine.runs(self.name)

    def wait(self, number: int = 1) -> list[str]:
        made = [self.others.create("promote", {}).id for _ in range(number)]
        for run in made:
            self.again(run, "gate-1-0")
        return made

    def again(self, run: str, key: str) -> None:
        """The run goes on and waits at a gate, as a flow's process does."""
        assert self.others.set_state(run, "RUNNING", "Running", "")
        self.engine.suspend(run, key)

    def found(self) -> tuple[Run, ...]:
        """What is found now, which is what a process finds that knows nothing yet."""
        self.asked.clear()
        found = self.runs.find(flows=("promote",), states=STATES).runs
        assert found == self.others.find(flows=("promote",), states=STATES).runs
        return found


@pytest.fixture(params=[pytest.param("prefect", marks=pytest.mark.prefect), "memory"])
def scene(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(prefect, "_PAGE", 3)
    name, is_real = f"runs{uuid4().hex[:8]}", request.param == "prefect"
    engine: Engine = RealPrefect(request.getfixturevalue("prefect_api")) if is_real else InMemoryRuns(SystemClock())
    engine.deploy(name, "promote")
    scene = Scene(engine, name, engine.runs(name))
    if isinstance(scene.runs, Prefect):
        count(scene, scene.runs, monkeypatch)
    return scene


def count(scene: Scene, runs: Prefect, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = runs._http.stream

    def stream(method: str, path: str, **options: Any) -> Any:
        if path in (SUMS, SHORT, WHOLE):
            wanted = options["json"]["flow_runs"]
            named, has_waiting = wanted.get("id", {}).get("any_", ()), "PAUSED" in wanted["state"]["type"]["any_"]
            scene.asked.append((path if has_waiting else OTHERS, len(named)))
        return usual(method, path, **options)

    monkeypatch.setattr(runs._http, "stream", stream)


def test_what_did_not_change_is_not_read_again(scene: Scene) -> None:
    made = scene.wait(7)
    assert [run.id for run in scene.found()] == made[::-1], "the last to begin first"
    first = scene.found()
    assert scene.asked in (LOOK, []), "the twin is asked nothing"
    (new,) = scene.wait()
    assert scene.found()[1:] == first
    assert scene.asked in ([*LOOK, (SHORT, 0), (WHOLE, 1)], [])
    assert scene.found()[0].id == new


def test_a_run_that_goes_on_waits_elsewhere_or_ends_is_as_it_is_now(scene: Scene) -> None:
    goes_on, elsewhere, ends, *_ = scene.wait(7)
    scene.found()
    scene.others.set_state(goes_on, "RUNNING", "Running", "")
    scene.again(elsewhere, "gate-2-1")
    scene.others.set_state(ends, "CANCELLED", "Cancelled", "")
    found = {run.id: run for run in scene.found()}
    assert (found[goes_on].state, found[elsewhere].pause_key) == ("RUNNING", "gate-2-1")
    assert ends not in found
    assert scene.asked in ([*LOOK, (SHORT, 0), (WHOLE, 2)], [])
    scene.found()
    assert scene.asked in ([*LOOK, (WHOLE, 1)], []), "a run that has a process is read each time"


def test_one_that_waits_instead_of_another_is_noticed(scene: Scene) -> None:
    first, *_ = scene.wait(7)
    (other,) = scene.wait()
    scene.others.set_state(other, "RUNNING", "Running", "")
    scene.found()
    scene.engine.suspend(other, "gate-1-0")
    scene.others.set_state(first, "RUNNING", "Running", "")
    found = {run.id: run.state for run in scene.found()}
    assert (found[first], found[other]) == ("RUNNING", "PAUSED")


def test_what_was_read_before_a_page_that_failed_is_not_read_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scene.wait(10)
    if isinstance(scene.runs, Prefect):
        listing, pages = scene.runs._long_list._listing, list[dict[str, Any]]()
        usual = listing.page

        def failing(body: dict[str, Any]) -> Page:
            pages.append(body)
            if len(pages) > 3:
                raise Unavailable("too late")
            return usual(body)

        monkeypatch.setattr(listing, "page", failing)
        with pytest.raises(Unavailable):
            scene.found()
        monkeypatch.setattr(listing, "page", usual)
    assert [run.id for run in scene.found()] == made[::-1]
    assert scene.asked in ([*LOOK, (WHOLE, 3), (WHOLE, 1)], [])


def test_what_was_read_long_ago_is_read_again_a_few_at_a_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scene.wait(7)
    scene.found()
    scene.others.rename(made[0], "by a person")
    monkeypatch.setattr(long_list, "OLD", 0.0)
    monkeypatch.setattr(long_list, "AGAIN", 3)
    scene.asked.clear()
    for _ in range(3):
        found = scene.runs.find(flows=("promote",), states=STATES).runs
    assert found[-1].name == "by a person"
    assert {number for _, number in scene.asked} <= {0, 3}


def test_two_lists_of_different_flows_disturb_each_other_not(scene: Scene) -> None:
    scene.engine.deploy(scene.name, "update")
    made = scene.wait(7)
    for _ in range(2):
        assert {run.id for run in scene.runs.find(flows=("promote", "update"), states=STATES).runs} == {*made}
        assert scene.runs.find(flows=("update",), states=STATES).runs == ()
        assert len(scene.found()) == len(made)
    scene.runs.find(flows=("promote", "update"), states=STATES)
    scene.found()
    assert scene.asked in (LOOK, [])


def test_inputs_may_be_some_seconds_old_and_never_lack_what_was_added_here(scene: Scene) -> None:
    (run,) = scene.wait()
    assert scene.runs.add_input(run, "told-1", "a")
    assert scene.runs.inputs(run, within=60) == {"told-1": "a"}
    scene.others.add_input(run, "told-2", "b")
    assert scene.runs.inputs(run, "told-", within=60) == {"told-1": "a"}
    assert scene.runs.inputs(run, "told-2") == {"told-2": "b"}, "who wants it as it is now gets that"
    scene.runs.add_input(run, "told-3", "c")
    assert [*scene.runs.inputs(run, within=60)] == ["told-1", "told-2", "told-3"]
    scene.others.add_input(run, "told-4", "d")
    scene.runs.inputs(run)
    assert "told-4" in scene.runs.inputs(run, within=60), "what others read is not read once more"
