"""Decide whether the plan may be applied now: count the signed votes on exactly this plan."""

from __future__ import annotations

from prefect import task

from liftgate.domain.approval.gate import Decision
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import approvals
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="gate", task_run_name="gate", **HEALS)
def gate(promotion: GatedChange, plan: Plan, unproven: tuple[bool, ...] = ()) -> Decision:
    """Open, refused, expired or waiting; the reason says for whom. `unproven`: answers from Prefect's own form."""
    decision = approvals.gate(integrations(), promotion, plan, unproven)
    print(decision.reason)
    return decision
