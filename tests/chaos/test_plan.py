"""A seed decides the whole plan, and every kind of fault comes before any comes too often."""

from __future__ import annotations

from tests.chaos.plan import TARGETS, WINDOW, make_plan

ALL = sum(len(targets) for targets in TARGETS.values())


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert make_plan(1, 3, 8, 4) == make_plan(1, 3, 8, 4)
    assert make_plan(1, 3, 8, 4) != make_plan(2, 3, 8, 4)


def test_each_kind_strikes_each_of_its_targets_once_before_any_strikes_again() -> None:
    plan = make_plan(3, ALL, 2, 1)
    strikes = [(fault.kind, fault.target) for each in plan.rounds for fault in each.faults]
    assert sorted(strikes) == sorted((kind, target) for kind, targets in TARGETS.items() for target in targets)
    assert {kind for kind, _ in strikes[: len(TARGETS)]} == set(TARGETS)


def test_a_round_begins_with_a_release_that_is_promoted_and_all_begins_within_its_window() -> None:
    plan = make_plan(4, 5, 9, 6)
    numbers = [operation.number for each in plan.rounds for operation in each.operations]
    assert numbers == list(range(1, 46))
    for each in plan.rounds:
        assert [operation.kind for operation in each.operations[:2]] == ["release", "promote"]
        assert len(each.faults) == 6
        assert all(0 <= at < WINDOW for at in (one.at for one in each.operations))
        assert all(0 <= at < WINDOW for at in (one.at for one in each.faults))
