"""The verdicts of steps reach the run's notes although Prefect fails meanwhile."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from liftgate.domain.common.verdict import passed
from liftgate.errors import Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.services.best_effort import catch_up
from liftgate.services.notes import Notes
from liftgate.services.notifications import keep_verdict

STEPS = ("json-lint", "schema-validation", "security-scan")


@pytest.mark.parametrize("is_stored", [False, True])
def test_verdicts_that_prefect_did_not_take_go_with_the_next(
    monkeypatch: pytest.MonkeyPatch, *, is_stored: bool
) -> None:
    """Also where the note was stored and only the answer was lost."""
    engine = InMemoryRuns(SystemClock())
    engine.deploy("liftgate", "promote")
    runs = engine.runs()
    run, usual, tries = runs.create("promote", {}).id, runs.add_input, list[str]()

    def add_input(*told: Any) -> bool:
        tries.append(told[1])
        if is_stored or len(tries) > 1:
            usual(*told)
        if len(tries) == 1:
            raise Unavailable("Prefect is away")
        return True

    monkeypatch.setattr(runs, "add_input", add_input)
    at: Any = SimpleNamespace(runs=runs, clock=SystemClock())
    for step in STEPS:
        keep_verdict(at, run, step, passed("well"))
    catch_up()
    assert {check.step for check in Notes(runs, run).checks()} == {*STEPS}
