"""Open the pull request of a plan, or update the open one, so that reviews can start."""

from __future__ import annotations

from prefect import task

from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import proposals
from tasks.ours import ours
from tasks.retry import HEALS


@task(name="propose", task_run_name="propose", **HEALS)
def propose(promotion: GatedChange, plan: Plan) -> str:
    """The pull request's address; an empty string if the plan is pushed instead."""
    pull = proposals.propose(ours(), promotion, plan)
    if pull is None:
        return ""
    print(f"proposed as {pull.url}")
    return pull.url
