"""Open the pull request of a plan, or bring the open one up to date, so that reviews can begin."""

from __future__ import annotations

from prefect import task

from liftgate.domain import diff, message, rendered_text
from liftgate.domain.plan import Plan, apply
from liftgate.domain.promotion import Promotion, proposal_branch
from liftgate.domain.rendered import KEPT, Rendered, newest
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.forge import PullRequest
from liftgate.wiring import Integrations, integrations
from tasks.retry import HEALS

LIMIT = 60_000


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
    push(at, proposed_commit(at, promotion, plan), proposal_branch(promotion.id))
    pull = present(at, promotion, plan, kept(at, promotion, plan))
    if pull.state != "open":
        raise Refused(f"the pull request #{pull.number} of this promotion is {pull.state}; start a new run")
    print(f"proposed as {pull.url}")
    return pull.url


def proposed_commit(at: Integrations, promotion: Promotion, plan: Plan) -> str:
    """The plan on the commit the run looked at; the same each time, and in no branch yet."""
    file = at.git.file(promotion.head, promotion.path)
    data = apply(plan, file.data if file else b"", file.blob if file else "")
    text = message.compose(promotion.title, promotion.reason, message.trailers_of(promotion, plan, ()))
    return at.git.write(promotion.head, {promotion.path: data}, text, promotion.requested_at, at.author, at.worker_key)


def push(at: Integrations, sha: str, branch: str) -> None:
    """Let a branch of ours point to the commit, wherever it was before."""
    ref = f"refs/heads/{branch}"
    if at.git.push(sha, ref, at.git.resolve(ref)) == "stale":
        at.git.fetch()
        raise Unavailable(f"the branch {branch} moved; looking again")


def present(at: Integrations, promotion: Promotion, plan: Plan, rendered: Rendered | None) -> PullRequest:
    """The pull request of the branch, opened or brought up to date."""
    return at.forge.propose(
        branch=proposal_branch(promotion.id),
        base=at.git.branch,
        title=promotion.title,
        body=_body(at, promotion, plan, rendered),
    )


def kept(at: Integrations, promotion: Promotion, plan: Plan) -> Rendered | None:
    """What this plan was rendered to when the run came by before; None when it must be looked at (again)."""
    found = newest(at.runs.inputs(promotion.id, KEPT))
    is_this = found is not None and (found.plan, found.head) == (plan.hash, promotion.head)
    return found if found and is_this and found.is_certain else None


def _body(at: Integrations, promotion: Promotion, plan: Plan, rendered: Rendered | None) -> str:
    page = at.page(promotion.id)
    head = f"Asked by {promotion.requester}." + (f" [Plan, gates and timeline]({page})" if page else "")
    cluster = rendered_text.as_markdown(rendered, limit=LIMIT // 3) if rendered else ""
    parts = [
        head,
        diff.as_markdown(plan, limit=LIMIT - len(cluster)),
        cluster,
        f"{message.PROMOTION_ID}: {promotion.id}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
