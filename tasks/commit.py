"""Write the plan to the branch (or merge its pull request), once: if a commit already did it, find that commit."""

from __future__ import annotations

from collections.abc import Callable

from prefect import task

from liftgate.domain.approval.gate import Decision
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services.commit_plan import commit_once
from tasks.ours import ours
from tasks.retry import WHILE_BUSY


@task(
    name="commit",
    task_run_name="commit",
    **WHILE_BUSY,
)
def commit(promotion: GatedChange, plan: Plan, decision: Decision, preview: Callable[[], Verdict]) -> GatedChange:
    """The promotion with its commit on the branch. Without a commit when the preview failed, when a plan computed now
    would differ, or when promotions were paused: then it needs a new plan and a new gate. `preview` may wait, so it is
    called last."""
    return promotion.opened(commit_once(ours(), promotion, plan, decision, preview), decision.approved_by)
