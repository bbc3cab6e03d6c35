"""A run that died goes on in a world that is not the one it left: nothing is done twice, and nothing untrue is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.moved import invariants, meanwhile
from tests.services.moved.cases import POINTS, Case, few, needs_people, places
from tests.services.moved.scene import scene


def wrong(folder: Path, case: Case) -> list[str]:
    """What does not hold after the run began again, and after it did so once more."""
    with scene(folder, case.kind) as there:
        assert there.until(case.point), f"{case.kind} never comes to {case.point}"
        meanwhile.NAMED[case.change](there)
        there.heal()
        found = invariants.broken(there, needs_people=needs_people(case))
        before = invariants.state(there)
        there.again()
        after = invariants.state(there)
        moved = [f"another restart changes the {name}" for name in before if before[name] != after[name]]
        return [*found, *moved]


@pytest.mark.parametrize("case", [*few()], ids=str)
def test_a_run_that_died_ends_well_in_a_world_that_moved_on(case: Case, tmp_path: Path) -> None:
    assert wrong(tmp_path, case) == []


@pytest.mark.long
@pytest.mark.parametrize(("kind", "change"), [*places()])
def test_so_it_does_wherever_it_died(kind: str, change: str, tmp_path: Path) -> None:
    cases = [Case(kind, point, change) for point in POINTS[kind]]
    found = {case: wrong(tmp_path / str(number), case) for number, case in enumerate(cases)}
    assert {str(case): said for case, said in found.items() if said} == {}


def test_a_run_whose_worker_may_sign_again_is_retried_and_ends_well(tmp_path: Path) -> None:
    """Without a key that counts it is given up, and its message says why; nothing is recorded that no one believes."""
    with scene(tmp_path, "push") as there:
        assert there.until("verified")
        meanwhile.worker_key_removed(there)
        there.heal()
        assert there.is_given_up
        assert invariants.entries(there)[1:] == []
        assert "the worker's key is not allowed" in invariants.message(there)
        meanwhile.worker_key_back(there)
        there.world.at.runs.rerun(there.run, "a person retries it")
        there.heal()
        assert invariants.broken(there) == []
        assert there.world.read(there.run).state_name == "RolledBack", "there was no verdict in time"
