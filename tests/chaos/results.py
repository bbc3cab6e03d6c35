"""The table of the results in docs/maintain/chaos.md."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Final

from liftgate.runtime.project import project_root
from tests.chaos.driver import Report
from tests.chaos.plan import TARGETS

PAGE: Final = project_root() / "docs/maintain/chaos.md"
MARK: Final = "<!-- written by python -m tests.chaos --write -->\n"
"""What follows it on the page is written anew."""


def command(report: Report) -> str:
    """What runs the same plan again."""
    plan = report.plan
    first = plan.rounds[0]
    counts = f"--rounds {len(plan.rounds)} --operations {len(first.operations)} --faults {len(first.faults)}"
    return f"PYTHONPATH=.:sandbox .venv/bin/python -m tests.chaos {plan.seed} {counts}"


def write(reports: Sequence[Report]) -> None:
    page = PAGE.read_text()
    PAGE.write_text(page[: page.index(MARK)] + MARK + table(reports))


def table(reports: Sequence[Report]) -> str:
    faults = sum((Counter(each.faults) for each in reports), Counter[str]())
    operations = sum((Counter(each.operations) for each in reports), Counter[str]())
    seconds = sorted(second for each in reports for second in each.seconds_to_heal)
    lines = [
        "| | |",
        "|---|---:|",
        f"| seeds | {', '.join(str(each.plan.seed) for each in reports)} |",
        f"| operations | {operations.total()} |",
        f"| faults that struck | {faults.total()} |",
        f"| flow runs | {sum(each.runs for each in reports)} |",
        f"| commits | {sum(each.commits for each in reports)} |",
        f"| broken invariants | {sum(len(each.broken) for each in reports)} |",
        f"| time to heal, p50 | {quantile(seconds, 0.5):.0f} s |",
        f"| time to heal, p95 | {quantile(seconds, 0.95):.0f} s |",
        "",
        "| fault | struck |",
        "|---|---:|",
        *(f"| {kind} | {faults[kind]} |" for kind in TARGETS),
    ]
    return "\n".join(lines) + "\n"


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest of the sorted values that so many are not above; 0 of none."""
    return values[max(math.ceil(share * len(values)), 1) - 1] if values else 0.0
