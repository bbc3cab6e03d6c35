"""Ask people for their decision: the buttons on the promotion's message, before the run is suspended."""

from __future__ import annotations

from prefect import task

from liftgate.domain.gate import Decision
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.services import approvals
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="ask", task_run_name="ask people", **HEALS)
def ask(promotion: Promotion, plan: Plan, decision: Decision) -> int:
    """Seconds the gate may still stay open."""
    return approvals.ask(integrations(), promotion, plan, decision)
