"""Show people what the commit would change in the cluster, and stop one that cannot be deployed before it is one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from prefect import task
from prefect.runtime import task_run

from liftgate.domain import rendered_text
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.rendered import KEPT, ROWS, Part, Rendered, compare
from liftgate.domain.verdict import Verdict, not_configured
from liftgate.domain.waves import names
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.rendering import Renderer
from liftgate.wiring import Integrations, integrations
from tasks.preview_branch import on_the_remote
from tasks.propose import by_pull_request, kept, present, proposed_commit
from tasks.retry import HEALS
from tasks.show import LIMIT, artifact_key, beside, for_people, show

_AT_ONCE = 8


@task(name="rendered-diff", task_run_name="rendered-diff", **HEALS)
def rendered_diff(promotion: Promotion, plan: Plan) -> Verdict:
    """Failed when the commit does not render; where nobody can look, that is said, and stops nothing."""
    at = integrations()
    if at.renderer is None:
        return not_configured("there is no Argo CD to render with")
    rendered = kept(at, promotion, plan)
    if rendered is None:
        rendered = _looked(at, at.renderer, promotion, plan)
        beside("it is not on the page", partial(_keep, at, promotion, rendered))
        if by_pull_request(at, promotion):
            # not beside the run: a merge that overtakes it would have its pull request opened once more
            for_people("it is not in the pull request", partial(present, at, promotion, plan, rendered))
    show(
        key=artifact_key("cluster", promotion),
        markdown=rendered_text.as_markdown(rendered, limit=LIMIT),
        description=f"{promotion.title}: what will change in the cluster",
    )
    verdict = rendered_text.verdict(rendered)
    print(f"rendered-diff: {verdict.state}: {verdict.reason}")
    print(rendered_text.as_terminal(rendered))
    return verdict


def _keep(at: Integrations, promotion: Promotion, rendered: Rendered) -> None:
    at.runs.add_input(promotion.id, f"{KEPT}{int(rendered.at.timestamp() * 1000)}", rendered.model_dump_json())


def _looked(at: Integrations, renderer: Renderer, promotion: Promotion, plan: Plan) -> Rendered:
    """After the last try people are told that nobody could look: a gate may stay open for days."""
    try:
        parts = _parts(at, renderer, promotion, plan)
    except (Refused, Misconfigured, Unavailable) as error:
        if isinstance(error, Unavailable) and task_run.run_count <= HEALS["retries"]:
            raise
        parts = [_unknown(name, error) for name in names(promotion.argocd)]
    return Rendered(plan=plan.hash, head=promotion.head, at=at.clock.now(), parts=tuple(parts))


def _parts(at: Integrations, renderer: Renderer, promotion: Promotion, plan: Plan) -> list[Part]:
    sha, listed = proposed_commit(at, promotion, plan), names(promotion.argocd)
    rows = max(1, ROWS // len(listed))
    with on_the_remote(at, promotion, sha), ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(partial(_part, renderer, sha, promotion.head, rows), listed))


def _part(renderer: Renderer, sha: str, head: str, rows: int, name: str) -> Part:
    try:
        beside = renderer.beside(name, sha, head)
    except (Refused, Misconfigured) as error:
        return _unknown(name, error)
    if beside is None:
        return Part(application=name, state="missing", sentence="there is no such Application yet; nothing to compare")
    return compare(name, beside.now, beside.proposed, rows)


def _unknown(name: str, error: Exception) -> Part:
    return Part(application=name, state="unknown", sentence=f"could not be rendered: {error}")
