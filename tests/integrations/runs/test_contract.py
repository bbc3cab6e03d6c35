"""What every product in the role `runs` does: Prefect on a real server, and the twin in memory."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from liftgate.domain.common.value import Json
from liftgate.errors import LiftgateError, Misconfigured, Refused
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs import Runs, prefect
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.integrations.runs.run import Run
from tests.integrations.runs.engines import Engine, RealPrefect

SCHEMA = {
    "type": "object",
    "properties": {"to": {"type": "string", "enum": ["dev", "prod"]}, "changes": {"type": "object"}},
    "required": ["to"],
}
FORM = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["approved"],
}
UNKNOWN = "11111111-1111-4111-8111-111111111111"


@dataclass
class Scene:
    """An installation with two flows."""

    engine: Engine
    name: str

    @property
    def runs(self) -> Runs:
        return self.engine.runs(self.name)

    def start(self, flow: str = "promote", **more: Any) -> Run:
        return self.runs.create(flow, {"to": "dev"}, **more)

    def read(self, run: Run) -> Run:
        found = self.runs.read(run.id)
        assert found is not None
        return found

    def begin(self, run: Run) -> None:
        assert self.runs.set_state(run.id, "RUNNING", "Running", "")

    def end(self, run: Run, kind: str = "FAILED", message: str = "") -> None:
        assert self.runs.set_state(run.id, kind, kind.title(), message)

    def found(self, **wanted: Any) -> list[str]:
        wanted = {"flows": ("promote", "update")} | wanted
        return [run.id for run in self.runs.find(**wanted).runs]


@pytest.fixture(params=[pytest.param("prefect", marks=pytest.mark.prefect), "memory"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "memory":
        return InMemoryRuns(SystemClock())
    return RealPrefect(request.getfixturevalue("prefect_api"))


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few runs and inputs are many."""
    monkeypatch.setattr(prefect, "_PAGE", 3)


def opened(engine: Engine) -> Scene:
    scene = Scene(engine, f"runs{uuid4().hex[:8]}")
    for flow in ("promote", "update"):
        engine.deploy(scene.name, flow, SCHEMA)
    return scene


@pytest.fixture
def scene(engine: Engine) -> Scene:
    return opened(engine)


def test_a_run_is_read_as_it_was_started(scene: Scene) -> None:
    before = SystemClock().now()
    run = scene.runs.create(
        "promote", {"to": "dev", "changes": {"/a": [1, None]}}, idempotency_key="1-dev", name="one", tags=["a", "b"]
    )
    now = scene.read(run)
    assert (now.id, now.flow, now.name, sorted(now.tags)) == (run.id, "promote", "one", ["a", "b"])
    assert now.parameters == {"to": "dev", "changes": {"/a": [1, None]}}
    assert (now.state, now.state_name, now.count, now.pause_key) == ("SCHEDULED", "Scheduled", 0, "")
    assert (now.idempotency_key, now.scheduled, bool(now.deployment)) == ("1-dev", False, True)
    assert all(abs(moment - before) < timedelta(minutes=1) for moment in (now.created, now.since))
    assert scene.start().name, "one without a name gets one"


def test_what_is_no_run_is_read_as_none(scene: Scene) -> None:
    assert [scene.runs.read(unknown) for unknown in (UNKNOWN, "some-id", "promote")] == [None] * 3


def test_parameters_that_do_not_fit_are_refused(scene: Scene) -> None:
    bad: tuple[Json, ...] = ({}, {"to": "qa"}, {"to": "dev", "changes": 1}, {"to": "dev", "changes": {"/a": 2**60}})
    for each in bad:
        with pytest.raises(Refused):
            scene.runs.create("promote", each)
    assert scene.found() == []


def test_a_flow_that_is_not_registered_is_named(scene: Scene) -> None:
    with pytest.raises(Misconfigured, match=f'"nightly/{scene.name}-nightly"; register it with: liftgate deploy'):
        scene.runs.create("nightly", {})


def test_the_same_key_gives_the_run_that_was_made_before_as_it_is_now(scene: Scene) -> None:
    run = scene.start(idempotency_key="1-dev", inputs=lambda _: {"request": "rosa"})
    scene.begin(run)
    again = scene.start(idempotency_key="1-dev", inputs=lambda _: {"request": "mallory"})
    assert (again.id, again.state) == (run.id, "RUNNING")
    assert (scene.read(run).state, scene.runs.inputs(run.id)) == ("RUNNING", {"request": "rosa"})
    others = {scene.start(idempotency_key="1-prod").id, scene.start("update", idempotency_key="1-dev").id}
    assert len(others | {run.id}) == 3, "another key, or another flow"


def test_a_run_has_its_inputs_before_it_can_begin(scene: Scene) -> None:
    seen = list[tuple[str, list[str]]]()

    def inputs(made: Run) -> dict[str, str]:
        seen.append((made.id, [moment.state for moment in scene.runs.history(made.id)]))
        return {"request": f"of {made.id}", "other": ""}

    run = scene.start(inputs=inputs)
    assert [run_id for run_id, _ in seen] == [run.id]
    assert scene.runs.inputs(run.id) == {"request": f"of {run.id}", "other": ""}
    assert scene.read(run).state == "SCHEDULED"


def test_runs_are_found_by_flow_state_and_id(scene: Scene) -> None:
    first, second, other = scene.start(), scene.start(), scene.start("update")
    scene.begin(second)
    scene.end(second)
    assert scene.found() == [second.id, other.id, first.id], "the last to begin first"
    assert scene.found(flows=("promote",)) == [second.id, first.id]
    assert scene.found(flows=("nightly",)) == []
    assert scene.found(states=("FAILED", "CRASHED")) == [second.id]
    assert scene.found(ids=(first.id, other.id, UNKNOWN)) == [other.id, first.id]
    assert scene.found(limit=2) == [second.id, other.id]
    (found,) = scene.runs.find(flows=("update",)).runs
    assert found == scene.read(other)


def test_runs_are_found_by_when_they_began_however_they_were_started(scene: Scene) -> None:
    asked = scene.start(inputs=lambda _: {"request": "rosa"})
    scene.begin(asked)
    scene.end(asked)
    now, later = scene.read(asked).since, scene.start()
    assert scene.found() == [later.id, asked.id]
    assert scene.found(since=now) == [later.id]
    assert scene.found(since=now - timedelta(hours=1)) == [later.id, asked.id]
    assert [scene.found(ended=now + timedelta(hours=hours)) for hours in (-1, 1)] == [[asked.id], []]


def test_more_runs_than_a_page_has_are_all_found(scene: Scene, small_pages: None) -> None:
    made = [scene.start().id for _ in range(7)]
    assert scene.found() == made[::-1]
    assert scene.found(limit=4) == made[:2:-1]


def test_the_history_has_every_state_with_its_message(scene: Scene) -> None:
    run = scene.start()
    scene.begin(run)
    scene.end(run, "CRASHED", "out of\0 memory")
    moments = scene.runs.history(run.id)
    assert [moment.state for moment in moments] == ["Scheduled", "Running", "Crashed"]
    assert (moments[-1].what, moments[-1].took) == ("out of\ufffd memory", None)
    assert moments[-1].when == scene.read(run).since
    assert scene.runs.history(UNKNOWN) == []


def test_the_newest_lines_of_the_log_are_read_oldest_first(scene: Scene) -> None:
    run, other = scene.start(), scene.start()
    scene.engine.log(run.id, *(f"line {number}" for number in range(203)))
    scene.engine.log(other.id, "not ours")
    assert scene.runs.lines(run.id) == [f"line {number}" for number in range(3, 203)]


def test_the_first_value_of_an_input_stays(scene: Scene) -> None:
    run, other = scene.start(), scene.start()
    assert scene.runs.add_input(run.id, "rerun-0", "a\0")
    assert not scene.runs.add_input(run.id, "rerun-0", "b")
    assert scene.runs.add_input(other.id, "rerun-0", "c")
    assert scene.runs.inputs(run.id) == {"rerun-0": "a\ufffd"}


def test_of_many_who_store_one_input_one_is_told_that_it_did(scene: Scene) -> None:
    run = scene.start()
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda who: scene.runs.add_input(run.id, "rerun-0", str(who)), range(8)))
    assert scene.runs.inputs(run.id) == {"rerun-0": str(told.index(True))}
    assert told.count(True) == 1


def test_inputs_are_read_by_prefix_letter_for_letter(scene: Scene) -> None:
    run = scene.start()
    for key in ("vote-b", "vote-a", "voter-a", "told-a"):
        scene.runs.add_input(run.id, key, key.upper())
    assert list(scene.runs.inputs(run.id, "vote-").items()) == [("vote-b", "VOTE-B"), ("vote-a", "VOTE-A")]
    for none in ("none", "told_", "%", "VOTE-"):
        assert scene.runs.inputs(run.id, none) == {}
    assert scene.runs.inputs(UNKNOWN) == {}


def test_a_key_that_a_run_cannot_keep_is_refused(scene: Scene) -> None:
    run = scene.start()
    for key in ("", "told_a", "Told", "told/a", "told-a\n", "zoë", "a\0"):
        with pytest.raises(Refused, match="lower-case letters, digits and dashes"):
            scene.runs.add_input(run.id, key, "x")


@pytest.mark.parametrize("many", [2, 3, 7])
def test_all_inputs_of_a_run_are_read_however_many(scene: Scene, small_pages: None, many: int) -> None:
    run = scene.start()
    given = {f"vote-{number}": str(number) for number in range(many)}
    for key, value in given.items():
        scene.runs.add_input(run.id, key, value)
    assert list(scene.runs.inputs(run.id, "vote-").items()) == list(given.items())


def test_a_run_is_renamed(scene: Scene) -> None:
    run = scene.start(name="before")
    scene.runs.rename(run.id, "after\0")
    assert scene.read(run).name == "after\ufffd"
    with pytest.raises(LiftgateError):
        scene.runs.rename(UNKNOWN, "after")


def test_a_suspended_run_wakes_by_an_answer_that_fits_its_form_once(scene: Scene) -> None:
    run = scene.start()
    assert not scene.runs.resume(run.id, {"approved": True}), "it is not suspended"
    scene.begin(run)
    until = SystemClock().now() + timedelta(days=3)
    scene.engine.suspend(run.id, "gate-1-0", FORM, until)
    slept = scene.read(run)
    assert (slept.state, slept.state_name, slept.pause_key) == ("PAUSED", "Suspended", "gate-1-0")
    assert slept.pause_timeout == until
    for bad in ({}, {"reason": "x"}, {"approved": "maybe"}):
        assert not scene.runs.resume(run.id, bad)
    assert scene.read(run) == slept
    with ThreadPoolExecutor(8) as pool:
        woke = list(pool.map(lambda _: scene.runs.resume(run.id, {"approved": True, "reason": "go"}), range(8)))
    assert woke.count(True) == 1
    now = scene.read(run)
    assert (now.state, now.state_name, now.pause_key) == ("SCHEDULED", "Resuming", "")
    assert now.pause_timeout is None
    (answer,) = (text for key, text in scene.runs.inputs(run.id, "suspended-gate-1-0-").items() if "response" in key)
    assert json.loads(answer) == {"approved": True, "reason": "go"}


@pytest.mark.parametrize("kind", ["CRASHED", "COMPLETED", "PAUSED"])
def test_a_run_begins_again_under_its_own_id(scene: Scene, kind: str) -> None:
    run = scene.start(inputs=lambda _: {"request": "rosa"})
    scene.begin(run)
    if kind == "PAUSED":
        scene.engine.suspend(run.id, "gate-1-0")
    else:
        scene.end(run, kind)
    assert scene.runs.rerun(run.id, "it crashed")
    now = scene.read(run)
    assert (now.state, now.state_name, now.message, now.pause_key) == ("SCHEDULED", "AwaitingRetry", "it crashed", "")
    assert (now.parameters, scene.runs.inputs(run.id, "request")) == (run.parameters, {"request": "rosa"})
    assert now.count == 1
    scene.begin(run)
    assert scene.read(run).count == 2


def test_a_workers_sign_of_life_is_its_installations(engine: Engine, scene: Scene) -> None:
    other = opened(engine)
    before = SystemClock().now() - timedelta(seconds=5)
    engine.hear(scene.name)
    scene.runs.beat("host-1")
    assert min((first := scene.runs.heartbeats())["w"], first["host-1"]) > before
    scene.runs.beat("host-1")
    assert (then := scene.runs.heartbeats())["w"] == first["w"]
    assert (then["host-1"] > first["host-1"], other.runs.heartbeats()) == (True, {})


def test_two_installations_see_nothing_of_each_other(engine: Engine, scene: Scene) -> None:
    other = opened(engine)
    ours, theirs = scene.start(idempotency_key="1-dev"), other.start(idempotency_key="1-dev")
    assert ours.id != theirs.id
    assert other.start(idempotency_key="1-dev").id == theirs.id
    assert (scene.found(), other.found()) == ([ours.id], [theirs.id])
    assert (scene.found(ids=(ours.id, theirs.id)), scene.runs.read(theirs.id)) == ([ours.id], None)
    assert (ours.idempotency_key, other.read(theirs).idempotency_key) == ("1-dev", "1-dev")
