"""Show people the plan: as a table among the artifacts of the run, and in its log."""

from __future__ import annotations

from liftgate.domain.common.markup import LONGEST
from liftgate.domain.common.verdict import Verdict, passed
from liftgate.domain.planning import diff
from liftgate.steps.context import Context


def run(context: Context) -> Verdict:
    """Passed with the number of edits. Raises Misconfigured in a stage without a plan."""
    plan = context.planned
    context.capabilities.show(
        "plan", diff.plan_markdown(plan, limit=LONGEST), f"{context.title}: the plan {plan.hash[:19]}"
    )
    print(diff.plan_terminal(plan, colour=False))
    return passed(f"{len(plan.edits)} {'edit' if len(plan.edits) == 1 else 'edits'}")
