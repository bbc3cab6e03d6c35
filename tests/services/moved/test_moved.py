"""A run that died goes on in a world that is not the one it left: nothing is done twice, and nothing untrue is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.moved import invariants, keys, meanwhile
from tests.services.moved.cases import POINTS, Case, few, needs_people, places
from tests.services.moved.mending import MENDING
from tests.services.moved.pairs import PAIRS
from tests.services.moved.scene import scene

CHANGES = meanwhile.NAMED | PAIRS


def wrong(folder: Path, case: Case) -> list[str]:
    """What does not hold after the run began again, and after it did so once more."""
    with scene(folder, case.kind) as there:
        assert there.until(case.point), f"{case.kind} never comes to {case.point}"
        CHANGES[case.change](there)
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
    assert all_wrong(tmp_path, kind, change) == {}


def all_wrong(folder: Path, kind: str, change: str) -> dict[str, list[str]]:
    """By the point at which the run died."""
    found = {point: wrong(folder / str(at), Case(kind, point, change)) for at, point in enumerate(POINTS[kind])}
    return {point: said for point, said in found.items() if said}


@pytest.mark.long
@pytest.mark.parametrize("kind", POINTS)
def test_a_run_that_dies_after_another_step_leaves_what_it_left_before_that(kind: str, tmp_path: Path) -> None:
    """What the matrix leaves out."""
    with scene(tmp_path, kind) as there:
        points, changed = there.points(), set[str]()
        assert POINTS[kind][0] in points
        before = invariants.outside(there)
        for point in points:
            changed |= {point} if invariants.outside(there) != before else set()
            before = invariants.outside(there)
        assert changed <= {*POINTS[kind]}


@pytest.mark.long
@pytest.mark.parametrize("kind", POINTS)
@pytest.mark.parametrize("change", PAIRS)
def test_so_it_does_after_two_changes(kind: str, change: str, tmp_path: Path) -> None:
    assert all_wrong(tmp_path, kind, change) == {}


@pytest.mark.long
@pytest.mark.parametrize("kind", POINTS)
@pytest.mark.parametrize("change", MENDING)
def test_what_people_must_mend_holds_nothing_up_when_they_have_done_so(kind: str, change: str, tmp_path: Path) -> None:
    found = {
        point: wrong_when_mended(tmp_path / str(number), kind, point, change)
        for number, point in enumerate(POINTS[kind])
    }
    assert {point: said for point, said in found.items() if said} == {}


def wrong_when_mended(folder: Path, kind: str, point: str, change: str) -> list[str]:
    with scene(folder, kind) as there:
        assert there.until(point)
        meanwhile.NAMED[change](there)
        there.heal()
        MENDING[change](there)
        if there.is_given_up:
            there.world.at.runs.rerun(there.run, "a person retries it")
        there.heal()
        return invariants.broken(there)


def test_a_run_whose_worker_may_sign_again_is_retried_and_ends_well(tmp_path: Path) -> None:
    """Without a key that counts it is given up, and its message says why; nothing is recorded that no one believes."""
    with scene(tmp_path, "push") as there:
        assert there.until("verified")
        keys.worker_key_removed(there)
        there.heal()
        assert there.is_given_up
        assert invariants.entries(there)[1:] == []
        assert "the worker's key is not allowed" in invariants.message(there)
        keys.worker_key_back(there)
        there.world.at.runs.rerun(there.run, "a person retries it")
        there.heal()
        assert invariants.broken(there) == []
        assert there.world.read(there.run).state_name == "RolledBack", "there was no verdict in time"
