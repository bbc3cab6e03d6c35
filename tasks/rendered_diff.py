"""Show people what the commit would change in the cluster, and stop one that cannot be deployed before it is one."""

from __future__ import annotations

from prefect import task
from prefect.runtime import task_run

from liftgate.domain import rendered_text
from liftgate.domain.pipeline import RENDERED
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.verdict import Verdict, not_configured
from liftgate.services import proposals
from liftgate.wiring import integrations
from tasks.keep import keep
from tasks.retry import HEALS
from tasks.show import LIMIT, artifact_key, show


@task(name="rendered-diff", task_run_name="rendered-diff", **HEALS)
def rendered_diff(promotion: Promotion, plan: Plan) -> Verdict:
    """Failed when the commit does not render; where nobody can look, that is said, and stops nothing."""
    last_try = task_run.run_count > HEALS["retries"]
    rendered = proposals.rendered(integrations(), promotion, plan, last_try=last_try)
    if rendered is None:
        return keep(RENDERED, not_configured("there is no Argo CD to render with"))
    show(
        key=artifact_key("cluster", promotion),
        markdown=rendered_text.as_markdown(rendered, limit=LIMIT),
        description=f"{promotion.title}: what will change in the cluster",
    )
    verdict = rendered_text.verdict(rendered)
    print(f"rendered-diff: {verdict.state}: {verdict.reason}")
    print(rendered_text.as_terminal(rendered))
    return keep(RENDERED, verdict)
