"""What counts as killed in the mutation run."""

from __future__ import annotations

from tools.mutation import killed_percent


def test_what_no_test_reaches_survives_and_what_never_ends_is_killed() -> None:
    stats = {"killed": 94, "timeout": 1, "survived": 3, "no_tests": 2, "total": 100}
    assert killed_percent(stats) == 95.0


def test_a_run_without_mutants_does_not_pass() -> None:
    assert killed_percent({"killed": 0, "timeout": 0, "total": 0}) == 0.0
