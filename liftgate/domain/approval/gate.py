"""What must hold before a plan is applied. Pure rules: time, people and history are arguments.

A promotion does not expire while a soak, a freeze, a pause or Argo CD holds it. After that, people have the full
deadline, if the end is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import Field

from liftgate.domain.approval.author import UNKNOWN_SHOWN, Authors
from liftgate.domain.approval.ballot import Ballot, approvers, counted, needed, too_few, waiting_for
from liftgate.domain.approval.freeze import thaw, thawed
from liftgate.domain.approval.pause import Pause
from liftgate.domain.approval.policy import Approvals, Policy
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.sync_window import Windows
from liftgate.domain.approval.turn import Turn
from liftgate.domain.approval.vote import Vote, other_rendering, people
from liftgate.domain.common.span import human
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, failed, passed, pending
from liftgate.domain.common.words import in_words
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan_value import Plan

_CLOCK: Final = "%a %d %b %H:%M %Z"


class Decision(Value):
    """The result of all gates: open, closed permanently, or waiting."""

    state: Literal["open", "refused", "expired", "superseded", "waiting"]
    reason: str
    approved_by: tuple[str, ...] = ()
    until: datetime | None = None
    """When a waiting promotion expires."""

    @property
    def opens(self) -> bool:
        return self.state == "open"

    @property
    def waits(self) -> bool:
        return self.state == "waiting"


class GateContext(Value):
    """The input of the gates: the same for the flow, the server and the command line."""

    environment: str
    version: str = ""
    """Of the release; empty for an update."""
    policy: Policy
    requester: Requester
    authors: Authors = Authors()
    """Who wrote what the change brings."""
    known: tuple[str, ...] = ()
    """Names of `people` in `liftgate.json`."""
    votes: tuple[Vote, ...] = ()
    saw_another: tuple[str, ...] = ()
    """The people who approved another rendered change than Argo CD gives now."""
    unproven: tuple[bool, ...] = ()
    """Answers of Prefect's own Resume form, which does not prove who answered."""
    opened: datetime
    now: datetime
    deadline: timedelta
    verified: Mapping[str, datetime | None] = Field(default_factory=dict)
    """For each upstream environment: since when the release is verified there. An update has no upstream."""
    signatures: Verdict = passed("no signatures are required")
    """Failed if the policy requires signatures that commits do not have."""
    pause: Pause | None = None
    """The pause that holds promotions to the environment."""
    windows: Windows = Windows()
    """The sync windows of Argo CD that are closed now."""
    turn: Turn = Turn()
    """What other promotions that wait for the environment mean for this one."""
    until: datetime | None = None
    """When the waiting run times out, as it calculated when it started to wait."""

    @property
    def ballot(self) -> Ballot:
        rule = self.policy.approvals or Approvals()
        return Ballot(approvals=rule, requester=self.requester, authors=self.authors, known=self.known)

    @property
    def needs_rendering(self) -> bool:
        """Whether only Argo CD's own answer decides which votes count."""
        return bool(self.votes) and self.policy.rendered == "ask-again"

    def for_rendering(self, rendered: str) -> GateContext:
        """As it is for the rendered change of this digest: where people are asked again, without the approvals of
        another one."""
        kept = self.votes
        if self.policy.rendered == "ask-again":
            kept = tuple(vote for vote in kept if vote.decision == "reject" or vote.rendered == rendered)
        return self.copy_with(votes=kept, saw_another=other_rendering(self.votes, rendered))

    @classmethod
    def of(  # noqa: PLR0913  all that decides comes in as values
        cls,
        plan: Plan,
        policy: Policy,
        entries: Iterable[Entry],
        *,
        requester: Requester,
        authors: Authors,
        known: tuple[str, ...] = (),
        opened: datetime,
        now: datetime,
        deadline: timedelta,
        votes: tuple[Vote, ...] = (),
        unproven: tuple[bool, ...] = (),
        pause: Pause | None = None,
        until: datetime | None = None,
    ) -> GateContext:
        """The context of this plan. `entries` is the application's ledger."""
        verified = verified_in(entries, plan.application, policy, plan.release_id) if plan.release_id else {}
        return cls(
            environment=plan.environment,
            version=plan.version,
            policy=policy,
            requester=requester,
            authors=authors,
            known=known,
            votes=votes,
            unproven=unproven,
            opened=opened,
            now=now,
            deadline=deadline,
            verified=verified,
            pause=pause,
            until=until,
        )


def approvals(gate_context: GateContext) -> Verdict:
    """Passed, rejected by a person, or pending with the number of missing approvals."""
    ballot = gate_context.ballot
    rule = ballot.approvals
    votes = counted(gate_context.votes, ballot)
    against = [v for v in votes if v.decision == "reject"]
    if against:
        why = f": {against[0].reason}" if against[0].reason else ""
        return failed(f"rejected by {against[0].person}{why}")
    if rule.unproven and False in gate_context.unproven:
        return failed("rejected in Prefect's form")
    unproven = sum(gate_context.unproven) if rule.unproven else 0
    have, want = len(people(votes)) + unproven, needed(ballot)
    if rule.unproven and unproven:
        want = rule.needed
    if have >= want:
        who = ", ".join(people(votes)) or ("Prefect's form" if unproven else "")
        return passed(f"approved by {who}" if who else "no approval needed")
    if short := too_few(gate_context.environment, ballot):
        return failed(short)
    return pending(waiting_for(want - have, ballot))


def known_authors(gate_context: GateContext) -> Verdict:
    """Failed if the policy refuses what an unknown person wrote."""
    unknown = gate_context.authors.unknown
    if not unknown or gate_context.policy.unknown_author == "report":
        return passed("no author is refused")
    return failed(
        f"{in_words(unknown[:UNKNOWN_SHOWN])} wrote a part of this and is not in people; add the e-mail address to "
        f'people, or set policy.{gate_context.environment}.unknown_author to "report"'
    )


def paused(gate_context: GateContext) -> Verdict:
    """Pending while promotions to the environment are paused."""
    return pending(gate_context.pause.sentence) if gate_context.pause else passed("promotions are not paused")


def soak(gate_context: GateContext) -> Verdict:
    """Whether the release was verified upstream for long enough."""
    end = _soaked(gate_context)
    if end is None:
        return passed("no soak time is needed")
    length = human(gate_context.policy.soak or timedelta())
    if gate_context.now >= end:
        return passed(f"soaked for {length}")
    return pending(f"soaks until {end:{_CLOCK}}, {length} after it was verified upstream")


def freeze(gate_context: GateContext) -> Verdict:
    """Whether no freeze window is open."""
    end = thaw(gate_context.policy.freeze, gate_context.now)
    return pending(f"frozen until {end:{_CLOCK}}") if end > gate_context.now else passed("not frozen")


def in_turn(gate_context: GateContext) -> Verdict:
    """Pending while an earlier promotion is not over, in an environment where they queue."""
    turn = gate_context.turn
    return pending(turn.reason) if turn.state == "later" else passed("no other promotion comes first")


def decide(gate_context: GateContext) -> Decision:
    """The result of all gates of a planned promotion; it names the people who saw another rendered change."""
    decision = _decided(gate_context)
    if not gate_context.saw_another or decision.state not in ("open", "waiting"):
        return decision
    saw = f"the rendered change differs from what {in_words(gate_context.saw_another)} saw"
    then = ", so they are asked again" if gate_context.policy.rendered == "ask-again" else ""
    return decision.copy_with(reason=f"{decision.reason}; {saw}{then}")


def _decided(gate_context: GateContext) -> Decision:
    turn = gate_context.turn
    if turn.state in ("superseded", "refused"):
        return Decision(state=turn.state, reason=turn.reason)
    source, vote, authors = upstream(gate_context), approvals(gate_context), known_authors(gate_context)
    if refusals := [verdict.reason for verdict in (source, authors, gate_context.signatures, vote) if verdict.failed]:
        return Decision(state="refused", reason=refusals[0])
    held = (
        paused(gate_context),
        vote,
        in_turn(gate_context),
        soak(gate_context),
        freeze(gate_context),
        gate_context.windows.verdict,
    )
    waits = [verdict.reason for verdict in held if verdict.pending]
    if not waits:
        names = approvers(gate_context.votes, gate_context.ballot)
        return Decision(state="open", reason=vote.reason, approved_by=names)
    end = expires(gate_context)
    if gate_context.now > end:
        hours = round(gate_context.deadline.total_seconds() / 3600, 1)
        return Decision(state="expired", reason=f"no decision within {hours:g} hours; start a new run")
    return Decision(state="waiting", reason="; ".join(waits), until=end)


def expires(gate_context: GateContext) -> datetime:
    """The deadline counts from the end of what people cannot speed up, and is never before the waiting run's own."""
    freezes, thaws = gate_context.policy.freeze, thaw(gate_context.policy.freeze, gate_context.now)
    held_now = gate_context.pause or gate_context.windows.verdict.pending or in_turn(gate_context).pending
    now = gate_context.now if held_now else None
    frozen = thaws if thaws > gate_context.now else None
    ends = thawed(freezes, gate_context.opened, gate_context.now)
    held = (now, gate_context.windows.until, frozen, _soaked(gate_context), ends)
    end = max(gate_context.opened, *filter(None, held)) + gate_context.deadline
    return max(filter(None, (end, gate_context.until)))


def _soaked(gate_context: GateContext) -> datetime | None:
    since = max(filter(None, gate_context.verified.values()), default=None)
    return since + gate_context.policy.soak if since and gate_context.policy.soak else None


def upstream(gate_context: GateContext) -> Verdict:
    """The release must be verified in every upstream environment."""
    if not gate_context.verified:
        return passed("it has no upstream environment")
    return verified_upstream(gate_context.verified, gate_context.environment, gate_context.version)


def verified_in(entries: Iterable[Entry], application: str, policy: Policy, release: str) -> dict[str, datetime | None]:
    """For each upstream environment: since when the release is verified there."""
    listed = list(entries)
    return {
        name: ledger.verified_at(ledger.entries_of(listed, application, name), release) for name in policy.after or ()
    }


def verified_upstream(verified: Mapping[str, datetime | None], target: str, version: str) -> Verdict:
    """The release must be verified in every upstream environment."""
    missing = [name for name, since in verified.items() if since is None]
    if missing:
        return failed(
            f"{version or 'this release'} is not verified in {' and '.join(missing)}, so it may not go to "
            f"{target}; promote it to {missing[0]} first"
        )
    return passed("verified upstream")
