"""Show people what would change: as an artifact of the run, and in the chat."""

from __future__ import annotations

from prefect import task

from liftgate.domain import announcement, diff
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, passed
from liftgate.services.notifications import tell_beside
from liftgate.wiring import integrations
from tasks.keep import keep
from tasks.retry import HEALS
from tasks.show import LIMIT, artifact_key, show


@task(name="generate-diff", task_run_name="generate-diff", **HEALS)
def generate_diff(promotion: Promotion, plan: Plan) -> Verdict:
    """The plan as a table, among the run's artifacts."""
    show(
        key=artifact_key("plan", promotion),
        markdown=diff.as_markdown(plan, limit=LIMIT),
        description=f"{promotion.title}: the plan {plan.hash[:19]}",
    )
    print(diff.as_terminal(plan, colour=False))
    return keep("generate-diff", passed(f"{len(plan.edits)} {'edit' if len(plan.edits) == 1 else 'edits'}"))


@task(name="notify-reviewers", task_run_name="notify-reviewers", **HEALS)
def notify_reviewers(promotion: Promotion, plan: Plan) -> Verdict:
    """The promotion's message in the chat; one that is down stops nothing, and a slow one delays nothing."""
    at = integrations()
    tell_beside(at, promotion, announcement.begun(promotion, plan, at.page(promotion.id)))
    return keep("notify-reviewers", passed("people are told"))
