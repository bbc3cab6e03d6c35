"""The page's table, and the command that replays a run."""

from __future__ import annotations

from tests.chaos.driver import Report
from tests.chaos.plan import TARGETS, make_plan
from tests.chaos.results import MARK, PAGE, command, quantile, table


def report() -> Report:
    plan, done = make_plan(5, 2, 8, 4), {"release": 2, "promote": 1}
    return Report(plan, {"kill": 3}, done, seconds_to_heal=[4.0, 9.0], runs=7, commits=2)


def test_the_table_adds_up_all_runs_and_names_every_kind_of_fault() -> None:
    said = table([report(), report()])
    assert "| operations | 6 |" in said
    assert "| faults that struck | 6 |" in said
    assert "| time to heal, p95 | 9 s |" in said
    assert all(f"| {kind} |" in said for kind in TARGETS)
    assert MARK in PAGE.read_text()


def test_a_seed_is_replayed_by_its_command() -> None:
    assert command(report()).endswith("-m tests.chaos 5 --rounds 2 --operations 8 --faults 4")


def test_a_quantile_is_one_of_the_values() -> None:
    assert [quantile([1.0, 2.0, 3.0, 4.0], share) for share in (0.0, 0.5, 0.95)] == [1.0, 2.0, 4.0]
    assert quantile([], 0.5) == 0.0
