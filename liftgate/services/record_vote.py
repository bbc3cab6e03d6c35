"""Records a person's decision: proven, signed and stored. Resumes the run when the votes decide."""

from __future__ import annotations

from typing import Any, Protocol

from liftgate.domain.approval import ballot, vote
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.approval.vote import Vote
from liftgate.domain.commits import signature
from liftgate.domain.common.value import Value
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services import approvals
from liftgate.services.approvals import PendingApproval
from liftgate.services.notes import Notes
from liftgate.services.ports import CanAttest
from liftgate.services.waiting_runs import closed


class Ports(approvals.Ports, CanAttest, Protocol):
    """What these use cases need."""


_DONE = {"approve": "approved", "reject": "rejected"}
_UNCOUNTED = (
    "your decision does not count: this server's key is not in .liftgate/allowed_signers for votes, or another vote "
    "under your name is in Prefect already; ask an operator"
)

_CHANGED = "the plan has changed since you looked; look at the new one and decide again"
_CHANGED_BESIDE = (
    "the rendered change or the checks have changed since you looked; look at the promotion's page and decide again"
)


class Answer(Value):
    """The answer to the person, and whether the decision was recorded."""

    sentence: str
    accepted: bool


def record_vote(  # noqa: PLR0913  a decision has this many sides
    at: Ports,
    *,
    promotion_id: str,
    plan: str,
    shown: str,
    person: str,
    decision: vote.Decision,
    reason: str = "",
    through: vote.Through,
) -> Answer:
    """`person` is a proven name, `plan` the whole digest of the plan that person saw, `shown` the digest of the rest.

    The vote is stored before the run is resumed; recovery completes what a crash cuts off in between. Raises
    Unavailable, Misconfigured.
    """
    at.git.fetch()
    tree = at.tree(at.git.head)
    run = at.runs.read(promotion_id)
    if run is None:
        return Answer(sentence=f"there is no promotion {promotion_id}", accepted=False)
    if problem := closed(run) or _stranger(tree, person):
        return Answer(sentence=problem, accepted=False)
    approval = approvals.pending_approval(at, tree, run, within=0)
    verdict = ballot.may_vote(person, approval.ballot)
    if problem := verdict.reason if verdict.failed else _other(approval, plan, shown):
        return Answer(sentence=problem, accepted=False)
    said: dict[str, Any] = {"person": person, "decision": decision, "reason": reason, "through": through}
    seen = {"run": run.id, "plan": plan, "shown": shown, "rendered": approval.rendered}
    cast = Vote.model_validate(said | seen | {"at": at.clock.now()})
    is_new = person not in vote.people(approval.votes) and _keep(at, cast)
    approval = approvals.pending_approval(at, tree, run)
    wake(at, approval)
    return _answer(approval, cast, is_new=is_new)


def _keep(at: Ports, cast: Vote) -> bool:
    """Sign and store it; False when the person's vote on what was shown is there already."""
    return Notes(at.runs, cast.run).keep_vote(cast, sign_statement(cast, at.server_key, signature.VOTES))


def wake(at: Ports, approval: PendingApproval) -> bool:
    """Resume the run when the votes decide; it counts them again itself. Many may try: Prefect accepts one."""
    decision = approval.decision
    if decision.waits:
        return False
    return at.runs.resume(approval.run.id, {"approved": decision.opens, "reason": decision.reason})


def _other(approval: PendingApproval, plan: str, shown: str) -> str:
    """Why what this person saw cannot be decided on."""
    if approval.trouble:
        return approval.trouble
    if plan != approval.plan:
        return _CHANGED
    return "" if shown == approval.shown else _CHANGED_BESIDE


def _stranger(tree: ConfigSnapshot, person: str) -> str:
    people = tree.configuration.people
    if people and person not in people:
        return f"{person} is not in people of liftgate.json and may not decide"
    return ""


def _answer(approval: PendingApproval, cast: Vote, *, is_new: bool) -> Answer:
    stored = next((each for each in approval.votes if each.person == cast.person), None)
    if stored is None:
        return Answer(sentence=_UNCOUNTED, accepted=False)
    then = "; it continues" if not approval.decision.waits else f"; it waits: {approval.decision.reason}"
    if not is_new:
        return Answer(sentence=f"you have already {_DONE[stored.decision]} this{then}", accepted=False)
    return Answer(sentence=f"you {_DONE[stored.decision]} {approval.run.name}{then}", accepted=True)
