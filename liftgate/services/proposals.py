"""The commit as it would be: proposed as a pull request, rendered by Argo CD, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Protocol

from liftgate.domain import announcement, diff, message, rendered_text
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion, proposal_branch
from liftgate.domain.rendered import ROWS, Part, Rendered, compare
from liftgate.domain.waves import names
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.rendering import Renderer
from liftgate.integrations.forge import PullRequest
from liftgate.services.beside import beside, for_people
from liftgate.services.notes import Notes
from liftgate.services.planning import applied
from liftgate.services.ports import CanCommit, HasForge, HasPages, HasRenderer, HasRuns


class Ports(CanCommit, HasForge, HasRuns, HasRenderer, HasPages, Protocol):
    """What these use cases need."""


BODY_LIMIT = 60_000
_AT_ONCE = 8


def by_pull_request(at: Ports, promotion: Promotion) -> bool:
    """Whether policy delivers here by pull request; a plain remote has none, so the default there is a push."""
    tree = at.tree(promotion.head)
    policy = tree.configuration.policy_of(promotion.environment)
    written = tree.configuration.policy.get(promotion.environment)
    asked = written is not None and written.deliver == "pull-request"
    return policy.deliver == "pull-request" and (at.forge.has_pull_requests or asked)


def propose(at: Ports, promotion: Promotion, plan: Plan) -> PullRequest | None:
    """The open pull request of the plan; None where it is pushed instead. Raises Refused when a person closed it."""
    if not by_pull_request(at, promotion):
        return None
    push(at, proposed_commit(at, promotion, plan), proposal_branch(promotion.id))
    pull = present(at, promotion, plan, kept(at, promotion, plan))
    if pull.state != "open":
        raise Refused(f"the pull request #{pull.number} of this promotion is {pull.state}; start a new run")
    return pull


def proposed_commit(at: Ports, promotion: Promotion, plan: Plan) -> str:
    """The plan on the commit the run looked at; the same each time, and in no branch yet."""
    data = applied(at.git, promotion.head, plan)
    text = message.compose(promotion.title, promotion.reason, message.trailers_of(promotion, plan, ()))
    return at.git.write(promotion.head, {promotion.path: data}, text, promotion.requested_at, at.author, at.worker_key)


def push(at: Ports, sha: str, branch: str) -> None:
    """Let a branch of ours point to the commit, wherever it was before."""
    ref = f"refs/heads/{branch}"
    if at.git.push(sha, ref, at.git.resolve(ref)) == "stale":
        at.git.fetch()
        raise Unavailable(f"the branch {branch} moved; looking again")


def present(at: Ports, promotion: Promotion, plan: Plan, rendered: Rendered | None) -> PullRequest:
    """The pull request of the branch, opened or brought up to date."""
    return at.forge.propose(
        branch=proposal_branch(promotion.id),
        base=at.git.branch,
        title=promotion.title,
        body=_body(at, promotion, plan, rendered),
    )


def kept(at: Ports, promotion: Promotion, plan: Plan) -> Rendered | None:
    """What this plan was rendered to when the run came by before; None when it must be looked at (again)."""
    found = Notes(at.runs, promotion.id).rendered()
    is_this = found is not None and (found.plan, found.head) == (plan.hash, promotion.head)
    return found if found and is_this and found.is_certain else None


def _body(at: Ports, promotion: Promotion, plan: Plan, rendered: Rendered | None) -> str:
    page = at.page(promotion.id)
    head = f"Asked by {promotion.requester}." + (f" [Plan, gates and timeline]({page})" if page else "")
    cluster = rendered_text.as_markdown(rendered, limit=BODY_LIMIT // 3) if rendered else ""
    parts = [
        head,
        diff.as_markdown(plan, limit=BODY_LIMIT - len(cluster)),
        cluster,
        f"{message.PROMOTION_ID}: {promotion.id}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def preview_of(promotion: Promotion) -> str:
    return f"liftgate/preview/{promotion.id}"


@contextmanager
def on_the_remote(at: Ports, promotion: Promotion, sha: str) -> Iterator[None]:
    """Raises Refused when the repository does not allow it, Unavailable. A pull request's branch holds it anyway."""
    if by_pull_request(at, promotion):
        yield
        return
    try:
        push(at, sha, preview_of(promotion))
        yield
    except BaseException:
        withdraw(at, promotion)  # before it is tried again
        raise
    beside("the branch of the preview is left behind", lambda: withdraw(at, promotion), lane="git")


def withdraw(at: Ports, promotion: Promotion) -> None:
    """Harmless when there is none; not worth failing for."""
    ref = f"refs/heads/{preview_of(promotion)}"
    if not at.git.resolve(ref):
        return
    try:
        at.git.remove(ref)
    except LiftgateError as error:
        print(f"the branch {preview_of(promotion)} is left behind: {error}")


def rendered(at: Ports, promotion: Promotion, plan: Plan, *, last_try: bool) -> Rendered | None:
    """What the commit would change in the cluster, on the page and in the pull request too; None without a renderer.

    Raises Unavailable unless it is the last try.
    """
    if at.renderer is None:
        return None
    if found := kept(at, promotion, plan):
        return found
    found = _looked(at, at.renderer, promotion, plan, last_try=last_try)
    beside("it is not on the page", partial(Notes(at.runs, promotion.id).keep_rendered, found))
    if by_pull_request(at, promotion):
        # not beside the run: a merge that overtakes it would have its pull request opened once more
        for_people("it is not in the pull request", partial(present, at, promotion, plan, found))
    return found


def _looked(at: Ports, renderer: Renderer, promotion: Promotion, plan: Plan, *, last_try: bool) -> Rendered:
    """After the last try people are told that nobody could look: a gate may stay open for days."""
    try:
        parts = _parts(at, renderer, promotion, plan)
    except (Refused, Misconfigured, Unavailable) as error:
        if isinstance(error, Unavailable) and not last_try:
            raise
        parts = [_unknown(name, error) for name in names(promotion.argocd)]
    return Rendered(plan=plan.hash, head=promotion.head, at=at.clock.now(), parts=tuple(parts))


def _parts(at: Ports, renderer: Renderer, promotion: Promotion, plan: Plan) -> list[Part]:
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


def close(at: Ports, promotion: Promotion, entry: Entry) -> None:
    """The pull request, if there is one that is open."""
    pull = at.forge.find(proposal_branch(promotion.id), at.git.branch) if at.forge.has_pull_requests else None
    if pull and pull.state == "open":
        try:
            at.forge.close(pull.number, proposal_branch(promotion.id), announcement.sentence(entry))
        except (Refused, Misconfigured) as error:
            print(f"the pull request could not be closed: {error}")
