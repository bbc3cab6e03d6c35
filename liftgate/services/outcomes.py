"""The outcome of a promotion as the ledger keeps it, and of one that ended before its plan."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from liftgate.domain import announcement, ledger
from liftgate.domain.announcement import Announcement
from liftgate.domain.gate import Decision, approvers
from liftgate.domain.ledger import Entry, Outcome, Times
from liftgate.domain.message import PLAN
from liftgate.domain.names import is_name
from liftgate.domain.plan import Plan
from liftgate.domain.policy import Approvals
from liftgate.domain.promotion import Kind, Promotion, Requester
from liftgate.domain.release import Release
from liftgate.domain.value import Value
from liftgate.domain.verdict import Verdict
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.git.history import Change, change, find_promotion_commit
from liftgate.integrations.git.tree import Tree
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.run import Run
from liftgate.services import proposals
from liftgate.services.beside import for_people
from liftgate.services.notes import Notes
from liftgate.services.notifications import tell_about
from liftgate.services.planning import target
from liftgate.services.ports import HasChat
from liftgate.services.proposals import close, withdraw
from liftgate.services.requests import who_asked


class Ports(proposals.Ports, HasChat, Protocol):
    """What these use cases need."""


class Result(Value):
    """How a promotion ended, as its flow knows it."""

    outcome: Outcome = "verified"
    reason: str
    nothing_to_do: bool = False
    deployed: Deployed | None = None
    plan: Plan | None = None
    decision: Decision | None = None
    at: datetime | None = None
    """When it was verified: to write it down may take minutes more."""

    @property
    def approved_by(self) -> tuple[str, ...]:
        """Of one that ended at its gate."""
        return self.decision.approved_by if self.decision else ()

    @classmethod
    def nothing(cls) -> Result:
        return cls(reason="nothing to do", nothing_to_do=True)

    @classmethod
    def closed(cls, decision: Decision, plan: Plan) -> Result:
        outcome: Outcome = "expired" if decision.state == "expired" else "refused"
        return cls(outcome=outcome, reason=decision.reason, plan=plan, decision=decision)

    @classmethod
    def good(cls, promotion: Promotion, deployed: Deployed, verdict: Verdict, at: datetime) -> Result:
        reason = f"synced in {deployed.total:.1f} s" + (f"; {verdict.reason}" if verdict.reason else "")
        outcome: Outcome = "verified" if promotion.found else "promoted"
        return cls(outcome=outcome, reason=reason, deployed=deployed, at=at)

    @classmethod
    def of_rollback(cls, rollback: Promotion, deployed: Deployed, verdict: Verdict, at: datetime) -> Result:
        if verdict.failed:
            reason = f"the rollback of {rollback.environment} did not heal it: {verdict.reason}; people must look now"
            return cls(outcome="rollback failed", reason=reason, deployed=deployed)
        reason = f"back to {rollback.previous or 'what was there'}"
        if rollback.restores:
            reason += f" as promotion {rollback.restores} had verified it"
        if len(rollback.took_back) > 1:
            reason += f"; {len(rollback.took_back)} promotions are taken back"
        return cls(outcome="verified", reason=reason, deployed=deployed, at=at)

    @classmethod
    def taken_back(
        cls, promotion: Promotion, why: str, said: str, *, seconds: float | None, deployed: Deployed | None
    ) -> Result:
        """`seconds` from the bad verdict to verified good again; None when the rollback itself failed."""
        if seconds is None:
            sentence = said.partition("\n")[0]
            return cls(outcome="rollback failed", reason=f"{sentence} (after: {why})", deployed=deployed)
        to = promotion.previous or "what was there"
        return cls(outcome="rolled back", reason=f"rolled back to {to} in {seconds:.0f} s: {why}", deployed=deployed)


def standing(at: Ports, promotion: Promotion) -> tuple[Promotion, Result | None]:
    """What an empty plan means: nothing to do; or with the newest commit of the values as its revision where a person
    merged that, and nobody has verified it yet."""
    entries = ledger.of(at.entries(promotion.application), promotion.application, promotion.environment)
    tree = at.tree(promotion.head)
    release = promotion.release or tree.release_at(promotion.application, promotion.head, promotion.path)
    if ledger.verified(entries, release.id):
        return promotion, Result.nothing()
    there = target(tree, promotion.application, promotion.environment)
    last = at.git.log(promotion.head, path=there.path, limit=1)
    if not last:
        return promotion, Result.nothing()
    return promotion.model_copy(update={"revision": last[0].sha, "found": True}), None


def record_once(at: Ports, promotion: Promotion, result: Result) -> Entry:
    """The entry that stands in the ledger, with a copy of the verified values."""
    at.git.fetch()
    there = ledger.find(at.entries(promotion.application), promotion.id)
    if there:
        return there
    entry = entry_of(at, promotion, result)
    file = at.git.file(promotion.revision, promotion.path) if entry.good and promotion.revision else None
    git_branch.append(at.git, entry, file.data if file else None, at.author, at.worker_key)
    return entry


def turn_away(at: Ports, run_id: str, kind: Kind, application: str, environment: str, error: Exception) -> None:
    """A run that people saw, and that an error ended before its commit: its message ends, a refusal is recorded.

    Nothing where nobody saw it, or where there is a commit: that is judged, by whoever goes on with it.
    """
    run = at.runs.read(run_id)
    if run is None or not Notes(at.runs, run_id).was_shown():
        return
    if isinstance(error, Unavailable):
        _end(at, run, f"⛔ stopped: {error}. If it had committed, Liftgate goes on with it; else start a new run")
        return
    head = at.git.fetch()
    if find_promotion_commit(at.git, head, run_id) or not (is_name(application) and is_name(environment)):
        return
    promotion = _as_asked(at, run, kind, application, environment)
    entry = record_once(at, promotion, Result(outcome="refused", reason=str(error)))
    _end(at, run, f"⛔ {announcement.sentence(entry)}")
    _leave_nothing(at, promotion, entry)


def entry_of(at: Ports, promotion: Promotion, result: Result) -> Entry:
    """What the commit proves counts more than what this process remembers: it may have begun again."""
    commit = change(at.git, promotion.revision) if promotion.revision else None
    own = commit if commit and commit.promotion == promotion.id else None
    plan = (own.trailer(PLAN) if own else "") or (result.plan.hash if result.plan else "")
    release, now = _release(at, promotion), at.clock.now()
    return Entry(
        promotion=promotion.id,
        kind=promotion.kind,
        application=promotion.application,
        environment=promotion.environment,
        release=release.id if release else "",
        version=release.version if release else "",
        source=release.source if release else "",
        plan=plan,
        revision=promotion.revision,
        outcome=result.outcome,
        reason=result.reason,
        requested_by=promotion.requester.name,
        proof=promotion.requester.proof,
        approved_by=_approvers(at, promotion, own) if own and own.trailer(PLAN) else result.approved_by,
        times=Times(
            requested=promotion.requested_at,
            committed=commit.when if commit else None,
            synced=result.deployed.at if result.deployed and result.deployed.state == "deployed" else None,
            verified=(result.at or now) if result.outcome in ("promoted", "verified") else None,
            finished=now,
        ),
        previous=promotion.previous,
        reverts=promotion.reverts,
        restores=promotion.restores,
        took_back=promotion.took_back,
        first_sync=result.deployed.first_sync if result.deployed else None,
        upstream=promotion.upstream,
    )


def _approvers(at: Ports, promotion: Promotion, own: Change) -> tuple[str, ...]:
    """By the votes themselves, under the rules they were counted by; where this process saw the gate open, those whom
    it counted: a review may have been withdrawn before. What a message says counts nothing."""
    seen, plan = promotion.approved_by, own.trailer(PLAN)
    tree = at.tree(own.parents[0] if seen is None else promotion.head)
    votes = Notes(at.runs, promotion.id).votes(plan, tree.signers)
    rule = tree.configuration.policy_of(promotion.environment).approvals or Approvals()
    names = approvers(votes, promotion.requester, rule)
    return names if seen is None else tuple(name for name in names if name in seen)


def _release(at: Ports, promotion: Promotion) -> Release | None:
    """An update's release is what the environment's promotable values are after it: a candidate of its own.

    None where a rollback leaves none: it may take back the first values, or leave what nobody can read.
    """
    if promotion.release or not promotion.revision:
        return promotion.release
    try:
        return Tree(at.git, promotion.head).release_at(promotion.application, promotion.revision, promotion.path)
    except Refused:
        if promotion.kind != "rollback":
            raise
        return None


def _as_asked(at: Ports, run: Run, kind: Kind, application: str, environment: str) -> Promotion:
    """As far as it is known: what is wrong may be the configuration that would say the rest."""
    given = {key: str(run.parameters.get(key, "")) for key in ("reason", "requested_by", "after")}
    tree = at.tree(at.git.head)
    try:
        requester = who_asked(at, tree, run, given["requested_by"], given["after"])
    except Refused:
        requester = Requester(name=given["requested_by"])
    return Promotion(
        id=run.id,
        kind=kind,
        application=application,
        environment=environment,
        argocd=(),
        path="",
        head=tree.commit,
        requester=requester,
        requested_at=run.created,
        reason=given["reason"],
        upstream=given["after"],
    )


def _end(at: Ports, run: Run, state: str) -> None:
    """Without buttons."""
    tell_about(
        at, run.id, Announcement(promotion=run.id, title=run.name, state=state, url=at.page(run.id)), run.created
    )


def _leave_nothing(at: Ports, promotion: Promotion, entry: Entry) -> None:
    for_people("the branch of the preview is left behind", lambda: withdraw(at, promotion))
    for_people("the pull request is left open", lambda: close(at, promotion, entry))


def as_markdown(promotion: Promotion, entry: Entry) -> str:
    times = entry.times
    rows = [
        ("release", f"`{entry.release[:19]}` {entry.version}"),
        ("commit", f"`{entry.revision}`" if entry.revision else "none"),
        ("asked by", entry.requester),
        ("approved by", ", ".join(entry.approved_by) or "nobody needed"),
        ("before", entry.previous or "nothing"),
        ("asked → over", f"{(times.finished - times.requested).total_seconds():.1f} s"),
    ]
    if times.committed and times.verified:
        rows.append(("commit → verified", f"{(times.verified - times.committed).total_seconds():.1f} s"))
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return f"# {promotion.title}\n\n**{announcement.sentence(entry)}**\n\n| | |\n|---|---|\n{table}\n"
