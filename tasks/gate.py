"""Decide whether the plan may be applied now: count the proven votes on exactly this plan."""

from __future__ import annotations

from prefect import task

from liftgate.domain.gate import Decision
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.services import approvals
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="gate", task_run_name="gate", **HEALS)
def gate(promotion: Promotion, plan: Plan, unproven: tuple[bool, ...] = ()) -> Decision:
    """Open, refused, expired or waiting; the sentence says for whom. `unproven`: answers of Prefect's own form."""
    decision = approvals.gate(integrations(), promotion, plan, unproven)
    print(decision.reason)
    return decision
