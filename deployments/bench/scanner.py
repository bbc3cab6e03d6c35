"""How many planted secrets the scan finds, and how many harmless values it takes for one."""

from __future__ import annotations

from deployments.bench.timing import Row, table
from liftgate.domain.rules import Rules
from liftgate.domain.value import Json
from liftgate.steps import security_scan
from liftgate.steps.context import Context
from tests.steps import corpus


def report() -> str:
    """The section as Markdown."""
    planted, benign = corpus.planted(), corpus.benign()
    found = sum(_is_found(*case) for case in planted)
    wrong = sum(_is_found(*case) for case in benign)
    rows: list[Row] = [("our own (an upper bound: one author)", f"{found}/{len(planted)}", f"{wrong}/{len(benign)}")]
    return table(("strings", "found", "false positives"), rows)


def _is_found(pointer: str, value: Json) -> bool:
    context = Context(
        application="a", environment="dev", path="v.json", data=corpus.values_with(pointer, value), rules=Rules()
    )
    return security_scan.run(context).failed
