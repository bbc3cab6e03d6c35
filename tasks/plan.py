"""Compute the plan of a promotion: a pure function of the commit that the run read."""

from __future__ import annotations

from prefect import task

from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services.planning import unblocked_plan
from liftgate.wiring import integrations
from tasks.retry import PLAIN


@task(name="plan", task_run_name="plan", **PLAIN)
def plan(promotion: GatedChange) -> Plan:
    """Raises Refused when something blocks the plan: a conflict, or a value that the environment must define itself."""
    return unblocked_plan(integrations(), promotion)
