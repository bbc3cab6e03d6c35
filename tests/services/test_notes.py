"""The notes of a run: written once, read as what they are, and known to one module."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import pytest

from liftgate.domain.promotion.announcement import Place
from liftgate.domain.runs.run_notes import MESSAGE
from liftgate.domain.runs.shown import shown_to_people
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.runtime.project import project_root
from liftgate.services.notes import Notes
from tests.domain.runs.test_run_notes import CHECK, PLAN, RENDERED
from tests.examples import NOW

MANY: Final = 201
"""More than Prefect gives at once."""


@pytest.fixture
def runs() -> Runs:
    engine = InMemoryRuns(SystemClock())
    engine.deploy("liftgate", "promote")
    return engine.runs()


def a_run(runs: Runs) -> str:
    return runs.create("promote", {}).id


def test_only_one_module_knows_the_inputs_of_runs() -> None:
    root = project_root()
    listed = [path.relative_to(root) for ring in ("flows", "tasks", "liftgate") for path in (root / ring).rglob("*.py")]
    mine = ("liftgate/services/notes.py", "liftgate/integrations/runs/")
    said = [str(p) for p in listed if re.search(r"\badd_input\(|\.inputs\(", (root / p).read_text())]
    assert [path for path in said if not path.startswith(mine)] == []
    assert mine[0] in said


def test_a_run_that_people_saw_is_known_among_however_many_notes(runs: Runs) -> None:
    by_message, at_gate = a_run(runs), a_run(runs)
    for run in (by_message, at_gate):
        for number in range(MANY):
            runs.add_input(run, f"a-{number}", "")
            runs.add_input(run, f"message-{number}", "of somebody else")
        assert not Notes(runs, run).was_shown()
    Notes(runs, by_message).keep_place(Place(channel="C", ts="1"))
    Notes(runs, at_gate).keep_plan(PLAN)
    assert Notes(runs, by_message).was_shown()
    assert Notes(runs, at_gate).was_shown()


def test_the_newest_rendering_counts_and_foreign_text_does_not(runs: Runs) -> None:
    run, later = a_run(runs), RENDERED.copy_with(at=NOW + timedelta(minutes=1), head="later")
    notes = Notes(runs, run)
    assert notes.rendered() is None
    for each in (later, RENDERED):
        notes.keep_rendered(each)
    for number, text in enumerate(('{"plan": 1}', "no", RENDERED.model_dump_json().replace("12:00:00Z", "23:00:00"))):
        runs.add_input(run, f"rendered-{number}", text)
    assert notes.rendered() == later


def test_a_step_that_is_tried_again_has_the_verdict_of_its_last_try(runs: Runs) -> None:
    run = a_run(runs)
    notes = Notes(runs, run)
    again = CHECK.copy_with(state="failed", at=NOW + timedelta(milliseconds=1))
    notes.keep_checks(again)
    notes.keep_checks(CHECK)
    runs.add_input(run, "verdict-json-lint-9", "passed")
    assert notes.checks() == (again,)


def test_verdicts_of_several_steps_are_one_note(runs: Runs) -> None:
    run = a_run(runs)
    notes, other = Notes(runs, run), CHECK.copy_with(step="security-scan")
    again = other.copy_with(state="failed", at=NOW + timedelta(seconds=1))
    notes.keep_checks(CHECK, other)
    assert len(notes.all()) == 1
    notes.keep_checks(again)
    assert notes.checks() == (CHECK, again)
    assert notes.shown("") == shown_to_people(None, (CHECK, again))


def test_a_plan_that_is_noted_for_its_gate_is_that_plan_or_contradicts(runs: Runs) -> None:
    notes = Notes(runs, a_run(runs))
    assert not notes.noted_plans().contradict(PLAN), "none is noted"
    notes.keep_plan(PLAN)
    assert not notes.noted_plans().contradict(PLAN)
    (key,) = notes.all()
    for other in ("{}", PLAN.copy_with(version="2.0.1").model_dump_json()):
        run = a_run(runs)
        runs.add_input(run, key, other)
        assert Notes(runs, run).noted_plans().contradict(PLAN)


def test_a_claim_that_cannot_be_read_takes_its_number_and_holds_up_nothing(runs: Runs) -> None:
    run = a_run(runs)
    notes = Notes(runs, run)
    runs.add_input(run, "rerun-0", "no time")
    runs.add_input(run, "rerun-1", "2026-11-24T12:00:00")
    assert notes.claim(len(notes.claims()), NOW)
    assert not notes.claim(2, NOW), "another server was quicker"
    assert max(notes.claims()) == NOW
    assert [claim < NOW - timedelta(days=1) for claim in notes.claims()] == [True, True, False]


def test_what_is_told_is_told_once(runs: Runs) -> None:
    notes = Notes(runs, a_run(runs))
    assert [notes.tell_once("promote", "commit", "committed") for _ in range(2)] == [True, False]
    assert [notes.tell_end_once("CANCELLED", "was cancelled") for _ in range(2)] == [True, False]
    assert notes.told() == {"told-promote-commit": "committed", "told-cancelled": "was cancelled"}


def test_where_the_message_is_is_read_once(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    run, other = a_run(runs), a_run(runs)
    read, usual = list[str](), type(runs).inputs

    def inputs(self: Runs, run_id: str, prefix: str = "", **more: float) -> dict[str, str]:
        read.append(run_id)
        return usual(self, run_id, prefix, **more)

    monkeypatch.setattr(type(runs), "inputs", inputs)
    place = Place(channel="C1", ts="1.1")
    assert Notes(runs, run).place() is None
    Notes(runs, run).keep_place(place)
    assert [Notes(runs, run).place() for _ in range(3)] == [place] * 3
    assert read == [run], "before there was one"
    assert Notes(runs, other).place() is None


def test_the_first_place_of_a_message_stays(runs: Runs) -> None:
    run, first = a_run(runs), Place(channel="C1", ts="1.1")
    runs.add_input(run, MESSAGE.key(), MESSAGE.text(first))
    Notes(runs, run).keep_place(Place(channel="C2", ts="2.2"))
    assert Notes(runs, run).place() == first
