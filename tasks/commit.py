"""Write the plan to the branch (or merge its pull request), or find the commit that did: never a second one."""

from __future__ import annotations

from collections.abc import Callable

from prefect import task

from liftgate.domain.gate import Decision
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict
from liftgate.services.changes import commit_once
from liftgate.wiring import integrations
from tasks.retry import PLAIN, if_unavailable

BUSY_FOR = 600
"""Seconds to wait for another promotion of the same environment to end."""


@task(
    name="commit",
    task_run_name="commit",
    retries=BUSY_FOR // 2,
    retry_delay_seconds=2,
    retry_condition_fn=if_unavailable,
    **PLAIN,
)
def commit(promotion: Promotion, plan: Plan, decision: Decision, preview: Callable[[], Verdict]) -> Promotion:
    """The promotion with its commit on the branch; without one when its preview failed, when the plan is not the one
    that would be made now, or the line was stopped: then a new plan is needed, and a new gate. `preview` may wait; it
    is asked last."""
    return promotion.committed(commit_once(integrations(), promotion, plan, decision, preview), decision.approved_by)
