"""Parts of the whole system die, and it heals and breaks no invariant: plans of fixed seeds.

A test says nothing about the time to heal: the table of `python -m tests.chaos --write` does.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import results
from tests.chaos.driver import Report, chaos
from tests.chaos.plan import TARGETS, make_plan

pytestmark = pytest.mark.prefect
SHORT, LONG = 90, (11, 12, 13, 14)
"""The short plan ends the worker, kills Prefect's server and loses Argo CD, while people promote and update. In long
plans a worker is taken for dead too; waiting for that alone takes most of a minute."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's, which Postgres, another user, may not pass."""
    made = Path(tempfile.mkdtemp(prefix="liftgate-chaos-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def check(report: Report) -> None:
    assert not report.broken, "\n".join([*report.broken, f"replay: {results.command(report)}"])


def test_it_heals_after_a_round_of_faults(folder: Path) -> None:
    report = chaos(make_plan(SHORT, rounds=1, operations=5, faults=6), folder, print)
    check(report)
    assert (report.commits > 0, len(report.seconds_to_heal)) == (True, 1)


@pytest.mark.long
def test_it_heals_after_hundreds_of_operations_under_faults_of_every_kind(folder: Path) -> None:
    reports = [chaos(make_plan(seed, rounds=12, operations=9, faults=4), folder / str(seed), print) for seed in LONG]
    for each in reports:
        check(each)
    assert sum(sum(each.operations.values()) for each in reports) >= 400
    assert sum(sum(each.faults.values()) for each in reports) >= 100
    assert {kind for each in reports for kind in each.faults} == set(TARGETS)
