"""Ask people for their decision: the buttons on the promotion's message, before the run is suspended."""

from __future__ import annotations

from prefect import task

from liftgate.domain import announcement
from liftgate.domain.gate import Decision
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.vote import gate_name
from liftgate.services.notifications import catch_up, cluster_in_short, tell
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="ask", task_run_name="ask people", **HEALS)
def ask(promotion: Promotion, plan: Plan, decision: Decision) -> int:
    """Seconds the gate may still stay open. The plan is noted on the run, for the page of one that is refused."""
    at = integrations()
    catch_up()
    page = at.page(promotion.id)
    at.runs.add_input(promotion.id, f"plan-{gate_name(plan.hash)}", plan.model_dump_json())
    tell(at, promotion, announcement.waiting(promotion, plan, decision, page, cluster_in_short(at, promotion, plan)))
    left = (decision.until - at.clock.now()).total_seconds() if decision.until else 0.0
    return max(1, int(left))
