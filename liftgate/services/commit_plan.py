"""Bring a plan to the branch, or find the commit that did it: never commit twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from liftgate.domain.approval.gate import Decision
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.ledger import ledger
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import message
from liftgate.domain.promotion.attempt import GatedChange, proposal_branch
from liftgate.domain.promotion.message import APPLICATION, ENVIRONMENT
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, find_promotion_commit, history, place_commits
from liftgate.services import proposals
from liftgate.services.planning import applied, planned
from liftgate.services.ports import CanCommit, HasBranch
from liftgate.services.proposals import by_pull_request, proposed_commit, rendered_now
from liftgate.services.take_overs import wait_for_take_over


class Ports(proposals.Ports, Protocol):
    """What these use cases need."""


def check_key(at: CanCommit, tree: ConfigSnapshot) -> None:
    """Raises Misconfigured where this worker's own commits or outcomes would not be believed."""
    key = signature.public_bytes(at.worker_key)
    if missing := signature.missing(key, signature.WORKER, tree.signers, at.clock.now()):
        raise Misconfigured(
            f"the worker's key is not allowed for {' and '.join(missing)} in {ALLOWED_SIGNERS}; "
            "liftgate doctor says which line to add"
        )


NONE = ""


def commit_once(
    at: Ports, promotion: GatedChange, plan: Plan, decision: Decision, preview: Callable[[], Verdict]
) -> str:
    """The commit's SHA; empty when a new plan is needed, or the preview (asked last; it may wait) failed.

    Raises Unavailable while another promotion holds the environment, Refused, Misconfigured.
    """
    begun, head = _look(at, promotion, plan, decision)
    if not head:
        return begun
    trailers = message.trailers_of(promotion, plan, decision.approved_by)
    if by_pull_request(at, promotion):
        return NONE if preview().failed else _merge(at, promotion, plan, trailers)
    sha = _write(at, promotion, plan, trailers, head)
    if preview().failed:
        return NONE
    with at.git.turn("branch"):
        if at.git.head != head:  # another process of this host was first
            begun, head = _look(at, promotion, plan, decision)
            if not head:
                return begun
            sha = _write(at, promotion, plan, trailers, head)
        return push_onto(at, head, sha, needless=proposals.preview_there(at, promotion))


def _look(at: Ports, promotion: GatedChange, plan: Plan, decision: Decision) -> tuple[str, str]:
    """The commit that did it already, and the newest commit of the branch if the plan can be applied on that; both are
    empty when a new plan is needed. Raises Unavailable, Misconfigured."""
    head = at.git.fetch()
    if begun := find_promotion_commit(at.git, head, promotion.id):
        return begun.sha, NONE
    if at.pause(promotion.environment):
        return NONE, NONE
    wait_for_others(at, promotion, head)
    wait_for_take_over(at, promotion.application, promotion.environment)
    if not still_holds(at, promotion, plan, head) or not is_rendered_alike(at, promotion, plan, decision, head):
        return NONE, NONE
    check_key(at, at.tree(head))
    return NONE, head


def _write(at: Ports, promotion: GatedChange, plan: Plan, trailers: list[tuple[str, str]], head: str) -> str:
    text = message.compose(promotion.title, promotion.reason, trailers)
    return at.git.write(head, applied(at.git, head, plan), text, at.clock.now(), at.author, at.worker_key)


def push_onto(at: HasBranch, head: str, sha: str, *, needless: str = "") -> str:
    """The commit, on the branch; the ref `needless` is removed with it. Raises Unavailable when the branch is not at
    `head` any more."""
    if at.git.push(sha, at.git.ref, head, needless) == "stale":
        raise Unavailable("the branch has a new commit; trying again")
    return sha


def wait_for_others(at: Ports, promotion: GatedChange, head: str) -> None:
    """A commit without an outcome in the ledger is a promotion under way: the commit is the lock, and the ledger
    entry of that very commit opens it. A proposal that was refused, but that a person merged, opens nothing.
    The push that follows holds only if nothing was added to the branch since we looked."""
    names, environment = at.tree(head).names(promotion.application), promotion.environment
    # A file that was renamed since has another path, and two applications may share one.
    _check_free(at, history(at.git, head, paths=promotion.paths), promotion)
    _check_free(at, place_commits(at.git, head, names, environment), promotion)


def _check_free(at: Ports, commits: Iterable[Change], promotion: GatedChange) -> None:
    """By the newest of the commits that was made for the environment."""
    environment = promotion.environment
    for earlier in commits:
        if earlier.trailer(ENVIRONMENT) != environment:
            continue
        outcome = ledger.find_entry(at.entries(earlier.trailer(APPLICATION), environment), earlier.promotion)
        if earlier.promotion == promotion.id or (outcome and outcome.revision == earlier.sha):
            return
        if outcome is None:
            raise Unavailable(f"{environment} is busy with promotion {earlier.promotion}")


def still_holds(at: Ports, promotion: GatedChange, plan: Plan, head: str) -> bool:
    """Whether this commit gives the plan that was approved: values, rules, checks and everything else that the
    plan's digest covers may have changed since the run looked."""
    if head == promotion.head:
        return True
    try:
        return planned(at, promotion.copy_with(head=head)).hash == plan.hash
    except Refused:
        return False


def is_rendered_alike(at: Ports, promotion: GatedChange, plan: Plan, decision: Decision, head: str) -> bool:
    """Whether this commit renders to what people approved, where they are asked again if it does not."""
    policy = at.tree(head).configuration.policy_of(promotion.environment)
    if head == promotion.head or policy.rendered == "report" or not decision.approved_by:
        return True
    approved = rendered_now(at, promotion, plan)
    return rendered_now(at, promotion.copy_with(head=head), plan) == approved


def _merge(at: Ports, promotion: GatedChange, plan: Plan, trailers: list[tuple[str, str]]) -> str:
    branch = proposal_branch(promotion.id)
    pull = at.forge.find(branch, at.git.branch)
    if pull is None:
        raise Refused(f"the pull request of this promotion is gone ({branch}); start a new run")
    ours = proposed_commit(at, promotion, plan)
    if pull.head != ours:
        raise Refused(f"{branch} has a new commit since the plan was approved; start a new run")
    text = message.message_body(promotion.reason, trailers)
    merged = at.forge.merge(pull.number, head=ours, title=promotion.title, message=text)
    if merged.state == "not ready":
        raise Refused(f"the forge does not let pull request #{pull.number} be merged: {merged.reason}")
    if merged.state == "conflict":
        return NONE
    if merged.state != "merged":
        raise Refused(f"pull request #{pull.number}: {merged.reason}")
    head = at.git.fetch()
    if begun := find_promotion_commit(at.git, head, promotion.id):
        return begun.sha
    _check_fits(at, pull.number, merged.commit, head)
    # After a person's squash merge the next try finds the values there, as that person's own commit.
    raise Unavailable("the pull request is merged, but the branch does not show our proposal yet")


def _check_fits(at: Ports, number: int, merge: str, head: str) -> None:
    """Raises Refused where the branch has the merge, but it stands for nothing: waiting would not help."""
    if not at.git.resolve(merge) or not at.git.is_ancestor(merge, head):
        return
    if len(at.git.log(merge, limit=1)[0].parents) == 2:
        raise Refused(
            f"pull request #{number} was merged, but not as the plan says: commit {merge[:12]} does not change exactly "
            "what the proposal changes; look at it, then start a new run"
        )
