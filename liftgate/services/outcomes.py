"""The outcome of a promotion as the ledger keeps it, and of one that ended before its plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.requester import Origin, Requester
from liftgate.domain.approval.vote import people
from liftgate.domain.common.names import is_name
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict
from liftgate.domain.common.words import in_words
from liftgate.domain.ledger.ledger import Entry, Outcome, Times
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Kind, Rollback, TakeOver
from liftgate.domain.promotion.message import PLAN, SOURCE
from liftgate.domain.promotion.outcome_markdown import outcome_markdown
from liftgate.domain.promotion.run_request import as_stored
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.git.history import Change, find_change, find_promotion_commit
from liftgate.integrations.runs.run import Run
from liftgate.services import proposals
from liftgate.services.append_outcome import append_outcome, fetched_for_outcome, standing_outcome
from liftgate.services.best_effort import catch_up, for_people
from liftgate.services.by_hand import by_hand_of, seen_again
from liftgate.services.entry_files import file_fields
from liftgate.services.entry_release import release_of
from liftgate.services.hand_below import record_below
from liftgate.services.in_force import in_force, seen_by
from liftgate.services.notes import Notes
from liftgate.services.notifications import tell, tell_about, tell_step
from liftgate.services.ports import HasChat, HasDeployer
from liftgate.services.proposals import close, withdraw
from liftgate.services.recorded_votes import recorded_votes
from liftgate.services.requests import origin_of
from liftgate.services.standing_values import is_of_another, superseded_by


class Ports(proposals.Ports, HasChat, HasDeployer, Protocol):
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

    @property
    def is_good(self) -> bool:
        return self.outcome in ("promoted", "verified")

    @classmethod
    def nothing(cls) -> Result:
        return cls(reason="nothing to do", nothing_to_do=True)

    @classmethod
    def closed(cls, decision: Decision, plan: Plan) -> Result:
        outcome: Outcome = decision.state if decision.state in ("expired", "superseded") else "refused"
        return cls(outcome=outcome, reason=decision.reason, plan=plan, decision=decision)

    @classmethod
    def good(cls, promotion: GatedChange, deployed: Deployed, verdict: Verdict, at: datetime) -> Result:
        reason = f"synced in {deployed.total:.1f} s" + (f"; {verdict.reason}" if verdict.reason else "")
        outcome: Outcome = "verified" if promotion.found else "promoted"
        return cls(outcome=outcome, reason=reason, deployed=deployed, at=at)

    @classmethod
    def of_rollback(cls, rollback: Rollback, deployed: Deployed, verdict: Verdict, at: datetime) -> Result:
        if verdict.failed:
            reason = f"the rollback of {rollback.environment} failed: {verdict.reason}; people must act now"
            return cls(outcome="rollback failed", reason=reason, deployed=deployed)
        reason = f"the values are those of {rollback.previous or 'the commit before'}"
        if rollback.restores:
            reason += f", as promotion {rollback.restores} verified them"
        if len(rollback.took_back) > 1:
            reason += f"; {len(rollback.took_back)} promotions were taken back"
        return cls(outcome="verified", reason=reason, deployed=deployed, at=at)

    @classmethod
    def taken_back(
        cls, promotion: GatedChange, why: str, back: Outcome, said: str, *, seconds: float, deployed: Deployed | None
    ) -> Result:
        """`back` is the outcome of the rollback, and `said` its sentence; `seconds` from the bad verdict to then."""
        sentence = said.partition("\n")[0]
        if back == "superseded":
            return cls(outcome="rolled back", reason=f"rolled back: {why} ({sentence})", deployed=deployed)
        if back != "verified":
            return cls(outcome="rollback failed", reason=f"{sentence} (after: {why})", deployed=deployed)
        to = promotion.previous or "what was there"
        return cls(outcome="rolled back", reason=f"rolled back to {to} in {seconds:.0f} s: {why}", deployed=deployed)


def record_once(at: Ports, promotion: Attempt, result: Result) -> Entry:
    """The entry that stands in the ledger, with copies of the verified values."""
    at = seen_by(at, promotion, result.outcome)
    with fetched_for_outcome(at, promotion):
        if why := superseded_by(at, promotion, is_good=result.is_good):
            promotion = promotion.copy_with(revision="", found=False) if is_of_another(at, promotion) else promotion
            result = _superseded(why)
        if there := standing_outcome(at, promotion, is_good=result.is_good):
            return there
        below = in_force(at)
        record_below(
            below, promotion, lambda hand, why: append_outcome(below, hand, entry_of(below, hand, _superseded(why)))
        )
        return append_outcome(at, promotion, entry_of(at, seen_again(at, promotion), result))


def _superseded(why: str) -> Result:
    return Result(outcome="superseded", reason=why)


def conclude_attempt(
    at: Ports, promotion: Attempt, entry: Entry, plan: Plan | None, show: Callable[[str, str, str], None]
) -> None:
    """The promotion's message brought to its end, the outcome with its times shown as an artifact (its kind, Markdown
    and description), and nothing left open. Safe to repeat. Raises Unavailable at the end if the chat cannot be
    reached."""
    catch_up()
    untold = tell(at, promotion, announcement.ended(promotion, plan, entry, at.page(entry.reverts or promotion.id)))
    show("outcome", outcome_markdown(promotion, entry), entry.sentence)
    withdraw(at, promotion)
    if not entry.revision:
        close(at, promotion, entry.sentence)
        _tell_voters(at, promotion, entry)
    catch_up()
    if isinstance(untold, Unavailable):
        raise untold


def _tell_voters(at: Ports, promotion: Attempt, entry: Entry) -> None:
    """An update of the message notifies no one, and their votes do not count for the newer promotion."""
    if entry.outcome != "superseded":
        return
    voted = people(Notes(at.runs, promotion.id).all_votes(at.tree(promotion.head).signers))
    voters = f" {in_words(voted)} voted on this one: please decide again there." if voted else ""
    tell_step(at, promotion, "superseded", f"⏭️ {entry.sentence}.{voters}")


def turn_away(at: Ports, run_id: str, kind: Kind, application: str, environment: str, error: Exception) -> None:
    """A run that people saw, and that an error ended before its commit: its message ends, a refusal is recorded.

    Nothing where no person saw it, or where there is a commit: the next run decides about that.
    """
    run = at.runs.read(run_id)
    if run is None or not Notes(at.runs, run_id).was_shown():
        return
    said = masked_text(str(error))
    if isinstance(error, Unavailable):
        _end(
            at,
            run,
            f"⛔ stopped: {said}. If it had committed, Liftgate goes on with it; else start a new run",
        )
        return
    head = at.git.fetch()
    if find_promotion_commit(at.git, head, run_id) or not (is_name(application) and is_name(environment)):
        return
    promotion = _as_asked(at, run, kind, application, environment)
    try:
        entry = record_once(at, promotion, Result(outcome="refused", reason=said))
    except (Refused, Misconfigured):  # also where the environment is none any more, people are told
        _end(at, run, f"⛔ Refused: {said}")
        raise
    _end(at, run, f"⛔ {entry.sentence}")
    _leave_nothing(at, promotion, entry)


def entry_of(at: Ports, promotion: Attempt, result: Result) -> Entry:
    """What the commit proves counts more than what this process remembers: it may have begun again."""
    commit = find_change(at.git, promotion.revision) if promotion.revision else None
    own = commit if commit and commit.promotion == promotion.id else None
    plan = (own.trailer(PLAN) if own else "") or (result.plan.hash if result.plan else "")
    release, now = release_of(at, promotion), at.clock.now()
    source = (own.trailer(SOURCE) if own else "") or (release.source if release else "")
    back = promotion if isinstance(promotion, Rollback) else None
    return Entry(
        promotion=promotion.id,
        kind=promotion.kind,
        application=promotion.application,
        environment=promotion.environment,
        release=release.id if release else "",
        version=release.version if release else "",
        source=source,
        **file_fields(at, promotion, own, source, release.paths if release else ()),
        plan=plan,
        revision=promotion.revision,
        outcome=result.outcome,
        reason=result.reason,
        requested_by=promotion.requester.name,
        proof=promotion.requester.proof,
        **dict(recorded_votes(at, promotion, plan, own, result.approved_by)),
        times=_times(promotion, commit, result, now),
        previous=promotion.previous,
        reverts=back.reverts if back else "",
        restores=back.restores if back else "",
        took_back=back.took_back if back else (),
        first_sync=result.deployed.first_sync if result.deployed else None,
        upstream=promotion.upstream,
        by_hand=by_hand_of(at, promotion),
    )


def _times(promotion: Attempt, commit: Change | None, result: Result, now: datetime) -> Times:
    """A commit that was pushed by hand may be much older than its push."""
    is_pushed = isinstance(promotion, TakeOver) and promotion.by_hand.how == "pushed"
    on_the_branch = promotion.requested_at if is_pushed else commit and commit.when
    return Times(
        requested=promotion.requested_at,
        committed=on_the_branch,
        synced=result.deployed.at if result.deployed and result.deployed.state == "deployed" else None,
        verified=(result.at or now) if result.is_good else None,
        finished=now,
    )


def _as_asked(at: Ports, run: Run, kind: Kind, application: str, environment: str) -> Attempt:
    """As far as it is known: what is wrong may be the configuration that would say the rest."""
    asked, tree = as_stored(run.flow, run.parameters), at.tree(at.git.head)
    try:
        origin = origin_of(at, tree, run)
    except Refused:
        origin = Origin(requester=Requester(name=asked.requested_by))
    return Attempt(
        id=run.id,
        kind=kind,
        application=application,
        environment=environment,
        argocd=(),
        paths=(),
        head=tree.commit,
        requester=origin.requester,
        requested_at=run.created,
        reason=asked.reason,
        upstream=origin.before,
    )


def _end(at: Ports, run: Run, state: str) -> None:
    """Without buttons."""
    tell_about(
        at, run.id, Announcement(promotion=run.id, title=run.name, state=state, url=at.page(run.id)), run.created
    )


def _leave_nothing(at: Ports, promotion: Attempt, entry: Entry) -> None:
    for_people("the branch of the preview is left behind", lambda: withdraw(at, promotion))
    for_people("the pull request is left open", lambda: close(at, promotion, entry.sentence))
