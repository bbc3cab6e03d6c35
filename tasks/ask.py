"""Ask people for their decision before the run is suspended: buttons in its message, and the form's text."""

from __future__ import annotations

from prefect import task

from liftgate.domain.approval.gate import Decision
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import suspension
from liftgate.services.suspension import Suspension
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="ask", task_run_name="ask people", **HEALS)
def ask(promotion: GatedChange, plan: Plan, decision: Decision, waking: int) -> Suspension:
    """How long the promotion may still wait at the gate, and what the Resume form says; `waking` counts its waits
    there."""
    return suspension.suspend(integrations(), promotion, plan, decision, waking)
