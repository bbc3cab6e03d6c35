"""Open the pull request of a plan, or bring the open one up to date, so that reviews can begin."""

from __future__ import annotations

from prefect import task

from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.services import proposals
from liftgate.wiring import integrations
from tasks.retry import HEALS


@task(name="propose", task_run_name="propose", **HEALS)
def propose(promotion: Promotion, plan: Plan) -> str:
    """The pull request's address; an empty string where the plan is pushed instead."""
    pull = proposals.propose(integrations(), promotion, plan)
    if pull is None:
        return ""
    print(f"proposed as {pull.url}")
    return pull.url
