"""The commit before it is made: proposed as a pull request, rendered by Argo CD, withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.config.pipeline import RENDERED
from liftgate.domain.planning import diff
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import PREVIEWS, Attempt, GatedChange, proposal_branch
from liftgate.domain.rendered import text as rendered_text
from liftgate.domain.rendered.rendered import ROWS, Part, Rendered, compare_rendered
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.rendering import Renderer
from liftgate.integrations.forge import PullRequest
from liftgate.services.best_effort import beside, for_people
from liftgate.services.notes import Notes
from liftgate.services.planning import applied
from liftgate.services.ports import CanCommit, HasBranch, HasForge, HasPages, HasRenderer, HasRuns


class Ports(CanCommit, HasForge, HasRuns, HasRenderer, HasPages, Protocol):
    """What these use cases need."""


BODY_LIMIT = 60_000
_AT_ONCE = 8
_rendered_here: dict[tuple[str, str, str], Rendered] = {}
"""The last rendering of this process."""
_one_at_a_time = Lock()


class Delivery(HasBranch, HasForge, Protocol):
    """What tells how a change is delivered."""


def by_pull_request(at: Delivery, promotion: GatedChange) -> bool:
    """Whether policy delivers here by pull request; a plain remote has none, so its default is a push."""
    tree = at.tree(promotion.head)
    policy = tree.configuration.policy_of(promotion.environment)
    written = tree.configuration.policy.get(promotion.environment)
    asked = written is not None and written.deliver == "pull-request"
    return policy.deliver == "pull-request" and (at.forge.has_pull_requests or asked)


def propose(at: Ports, promotion: GatedChange, plan: Plan) -> PullRequest | None:
    """The open pull request of the plan; None where it is pushed instead. Raises Refused when a person closed it."""
    if not by_pull_request(at, promotion):
        return None
    push(at, proposed_commit(at, promotion, plan), proposal_branch(promotion.id))
    pull = present(at, promotion, plan, kept(at, promotion, plan))
    if pull.state != "open":
        raise Refused(f"the pull request #{pull.number} of this promotion is {pull.state}; start a new run")
    return pull


def proposed_commit(at: Ports, promotion: GatedChange, plan: Plan) -> str:
    """The plan on the commit the run looked at; the same SHA each time, and on no branch yet."""
    data = applied(at.git, promotion.head, plan)
    text = message.compose(promotion.title, promotion.reason, message.trailers_of(promotion, plan, ()))
    return at.git.write(promotion.head, data, text, promotion.requested_at, at.author, at.worker_key)


def push(at: Ports, sha: str, branch: str) -> None:
    """Move one of our branches to the commit, wherever it was before."""
    ref = f"refs/heads/{branch}"
    if at.git.push(sha, ref, at.git.resolve(ref)) == "stale":
        at.git.fetch()
        raise Unavailable(f"the branch {branch} moved; looking again")


def present(at: Ports, promotion: GatedChange, plan: Plan, rendered: Rendered | None) -> PullRequest:
    """The pull request of the branch, opened or brought up to date."""
    return at.forge.propose(
        branch=proposal_branch(promotion.id),
        base=at.git.branch,
        title=promotion.title,
        body=_body(at, promotion, plan, rendered),
    )


def kept(at: Ports, promotion: GatedChange, plan: Plan) -> Rendered | None:
    """The stored rendering of this plan; None when it must be rendered (again)."""
    found = Notes(at.runs, promotion.id).rendered()
    is_this = found is not None and (found.plan, found.head) == (plan.hash, promotion.head)
    return found if found and is_this and found.is_certain else None


def _body(at: Ports, promotion: GatedChange, plan: Plan, rendered: Rendered | None) -> str:
    page = at.page(promotion.id)
    head = f"Requested by {promotion.requester}." + (f" [Plan, gates and timeline]({page})" if page else "")
    cluster = rendered_text.rendered_markdown(rendered, limit=BODY_LIMIT // 3) if rendered else ""
    parts = [
        head,
        diff.plan_markdown(plan, limit=BODY_LIMIT - len(cluster)),
        cluster,
        f"{message.PROMOTION_ID}: {promotion.id}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def preview_of(promotion: Attempt) -> str:
    return f"{PREVIEWS}{promotion.id}"


def preview_there(at: HasBranch, promotion: Attempt) -> str:
    """The ref of the preview's branch, as far as the mirror knows; empty where there is none."""
    ref = f"refs/heads/{preview_of(promotion)}"
    return ref if at.git.resolve(ref) else ""


@contextmanager
def on_the_remote(at: Ports, promotion: GatedChange, sha: str) -> Iterator[None]:
    """Raises Refused when the repository does not allow it, Unavailable. A pull request's branch has it already."""
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


def withdraw(at: Ports, promotion: Attempt) -> None:
    """Delete the preview's branch, if there is one; a failure is only printed."""
    if not (ref := preview_there(at, promotion)):
        return
    try:
        at.git.remove(ref)
    except LiftgateError as error:
        print(f"the branch {preview_of(promotion)} is left behind: {error}")


def rendered(at: Ports, promotion: GatedChange, plan: Plan, *, last_try: bool) -> Rendered | None:
    """What the commit would change in the cluster, also for the page and the pull request; None without a renderer.

    Raises Unavailable unless it is the last try.
    """
    if at.renderer is None:
        return None
    policy = at.tree(promotion.head).configuration.policy_of(promotion.environment)
    if policy.rendered == "report" and (found := kept(at, promotion, plan)):
        return found
    found = _own(at, at.renderer, promotion, plan, last_try=last_try)
    beside("it is not on the page", partial(Notes(at.runs, promotion.id).keep_rendered, found))
    if by_pull_request(at, promotion):
        # not beside the run: after a quick merge it would open the pull request again
        for_people("it is not in the pull request", partial(present, at, promotion, plan, found))
    return found


def rendered_now(at: Ports, promotion: GatedChange, plan: Plan) -> str:
    """The digest of what Argo CD itself renders now, whatever Prefect keeps; empty where nothing is rendered."""
    if at.renderer is None or not shows_rendered(at, promotion):
        return ""
    return _own(at, at.renderer, promotion, plan, last_try=True).digest


def shows_rendered(at: HasBranch, promotion: GatedChange) -> bool:
    """Whether the steps of the preview show people the rendered change."""
    steps = at.tree(promotion.head).configuration.pipeline.steps("preview")
    return RENDERED in [step.name for step in steps]


def _own(at: Ports, renderer: Renderer, promotion: GatedChange, plan: Plan, *, last_try: bool) -> Rendered:
    """What Argo CD answered this process: it is asked once for the same commit."""
    key = (promotion.id, plan.hash, promotion.head)
    with _one_at_a_time:
        if key not in _rendered_here:
            found = _looked(at, renderer, promotion, plan, last_try=last_try)
            if not found.is_certain:
                return found
            _rendered_here.clear()
            _rendered_here[key] = found
        return _rendered_here[key]


def _looked(at: Ports, renderer: Renderer, promotion: GatedChange, plan: Plan, *, last_try: bool) -> Rendered:
    """After the last try people read that rendering was not possible: a gate may stay open for days."""
    try:
        found = _parts(at, renderer, promotion, plan)
    except (Refused, Misconfigured, Unavailable) as error:
        if isinstance(error, Unavailable) and not last_try:
            raise
        found = [_unknown(name, error) for name in names(promotion.argocd)]
    return Rendered(plan=plan.hash, head=promotion.head, at=at.clock.now(), parts=tuple(found))


def _parts(at: Ports, renderer: Renderer, promotion: GatedChange, plan: Plan) -> list[Part]:
    sha = proposed_commit(at, promotion, plan)
    with on_the_remote(at, promotion, sha):
        return parts(renderer, promotion, sha)


def parts(renderer: Renderer, promotion: GatedChange, sha: str) -> list[Part]:
    """What Argo CD renders of the proposed commit, which is on the remote, for each Application. Raises Unavailable."""
    return parts_of(renderer, names(promotion.argocd), sha, promotion.head)


def parts_of(renderer: Renderer, listed: Sequence[str], sha: str, head: str) -> list[Part]:
    """The same of these Applications, for any commit that is on the remote; `head` is the branch without it."""
    rows = max(1, ROWS // len(listed))
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return list(pool.map(partial(_part, renderer, sha, head, rows), listed))


def _part(renderer: Renderer, sha: str, head: str, rows: int, name: str) -> Part:
    try:
        beside = renderer.beside(name, sha, head)
    except (Refused, Misconfigured) as error:
        return _unknown(name, error)
    if beside is None:
        return Part(application=name, state="missing", sentence="there is no such Application yet; nothing to compare")
    return compare_rendered(name, beside.now, beside.proposed, rows)


def _unknown(name: str, error: Exception) -> Part:
    return Part(application=name, state="unknown", sentence=f"could not be rendered: {error}")


def close(at: Ports, promotion: Attempt, why: str) -> None:
    """Close the pull request, if one is open, with a comment."""
    pull = at.forge.find(proposal_branch(promotion.id), at.git.branch) if at.forge.has_pull_requests else None
    if pull and pull.state == "open":
        try:
            at.forge.close(pull.number, proposal_branch(promotion.id), why)
        except (Refused, Misconfigured) as error:
            print(f"the pull request could not be closed: {error}")
