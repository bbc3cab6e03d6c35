"""Open the pull request of a plan, or bring the open one up to date, so that reviews can begin."""

from __future__ import annotations

from prefect import task

from liftgate.domain import diff, message
from liftgate.domain.plan import Plan, apply
from liftgate.domain.promotion import Promotion
from liftgate.errors import Refused, Unavailable
from liftgate.wiring import Integrations, integrations
from tasks.retry import HEALS

LIMIT = 60_000


def branch_of(promotion: Promotion) -> str:
    return f"liftgate/promotions/{promotion.id}"


def by_pull_request(at: Integrations, promotion: Promotion) -> bool:
    """Whether policy delivers here by pull request; a plain remote has none, so the default there is a push."""
    tree = at.tree(promotion.head)
    policy = tree.configuration.policy_of(promotion.environment)
    written = tree.configuration.policy.get(promotion.environment)
    asked = written is not None and written.deliver == "pull-request"
    return policy.deliver == "pull-request" and (at.forge.has_pull_requests or asked)


@task(name="propose", task_run_name="propose", **HEALS)
def propose(promotion: Promotion, plan: Plan) -> str:
    """The pull request's address; an empty string where the plan is pushed instead."""
    at = integrations()
    if not by_pull_request(at, promotion):
        return ""
    file = at.git.file(promotion.head, promotion.path)
    data = apply(plan, file.data if file else b"", file.blob if file else "")
    text = message.compose(promotion.title, promotion.reason, message.trailers_of(promotion, plan, ()))
    sha = at.git.write(promotion.head, {promotion.path: data}, text, promotion.requested_at, at.author, at.worker_key)
    ref = f"refs/heads/{branch_of(promotion)}"
    if at.git.push(sha, ref, at.git.resolve(ref)) == "stale":
        at.git.fetch()
        raise Unavailable(f"the branch {branch_of(promotion)} moved; looking again")
    at.git.git("update-ref", ref, sha)
    pull = at.forge.propose(
        branch=branch_of(promotion),
        base=at.git.branch,
        title=promotion.title,
        body=_body(at, promotion, plan),
    )
    if pull.state != "open":
        raise Refused(f"the pull request #{pull.number} of this promotion is {pull.state}; start a new run")
    print(f"proposed as {pull.url}")
    return pull.url


def _body(at: Integrations, promotion: Promotion, plan: Plan) -> str:
    page = at.page(promotion.id)
    head = f"Asked by {promotion.requester}." + (f" [Plan, gates and timeline]({page})" if page else "")
    return f"{head}\n\n{diff.as_markdown(plan, limit=LIMIT)}\n\n{message.PROMOTION_ID}: {promotion.id}\n"
