"""What must hold before a plan is applied: rules over values; time, people and history come in.

One rule about time: while a soak, a freeze, a pause or Argo CD holds a promotion, it waits and does not expire. People
have their whole time after that, as far as the end is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import Field

from liftgate.domain import ledger
from liftgate.domain.freeze import thaw, thawed
from liftgate.domain.ledger import Entry
from liftgate.domain.plan_value import Plan
from liftgate.domain.policy import Approvals, Policy
from liftgate.domain.promotion import Requester
from liftgate.domain.span import human
from liftgate.domain.stop import Stop
from liftgate.domain.sync_window import Windows
from liftgate.domain.value import Value
from liftgate.domain.verdict import Verdict, failed, passed, pending
from liftgate.domain.vote import Vote, people

_CLOCK: Final = "%a %d %b %H:%M %Z"


class Decision(Value):
    """All gates together: open, closed for good, or waiting for somebody."""

    state: Literal["open", "refused", "expired", "waiting"]
    reason: str
    approved_by: tuple[str, ...] = ()
    until: datetime | None = None
    """While it waits: when it expires."""

    @property
    def opens(self) -> bool:
        return self.state == "open"

    @property
    def waits(self) -> bool:
        return self.state == "waiting"


class Ballot(Value):
    """What the gates need to know, as values: the same for the flow, the server and the command line."""

    environment: str
    version: str = ""
    """Of the release; empty for an update."""
    policy: Policy
    requester: Requester
    votes: tuple[Vote, ...] = ()
    unproven: tuple[bool, ...] = ()
    """Answers of Prefect's own Resume form, which proves nobody."""
    opened: datetime
    now: datetime
    deadline: timedelta
    verified: Mapping[str, datetime | None] = Field(default_factory=dict)
    """For each environment it comes after: since when the release is verified there. An update comes after none."""
    stop: Stop | None = None
    """What stops the line there."""
    windows: Windows = Windows()
    """What Argo CD says of a sync now."""
    until: datetime | None = None
    """When the waiting run gives up by itself, as it reckoned with all that held it then."""

    @classmethod
    def of(  # noqa: PLR0913  all that decides comes in as values
        cls,
        plan: Plan,
        policy: Policy,
        entries: Iterable[Entry],
        *,
        requester: Requester,
        opened: datetime,
        now: datetime,
        deadline: timedelta,
        votes: tuple[Vote, ...] = (),
        unproven: tuple[bool, ...] = (),
        stop: Stop | None = None,
        until: datetime | None = None,
    ) -> Ballot:
        """Of this plan. `entries` is the application's ledger."""
        verified = verified_in(entries, plan.application, policy, plan.release_id) if plan.release_id else {}
        return cls(
            environment=plan.environment,
            version=plan.version,
            policy=policy,
            requester=requester,
            votes=votes,
            unproven=unproven,
            opened=opened,
            now=now,
            deadline=deadline,
            verified=verified,
            stop=stop,
            until=until,
        )


def may_vote(person: str, requester: Requester, approvals: Approvals) -> Verdict:
    """Whether this proven person's vote counts here; the reason is what they are told."""
    if approvals.people and person not in approvals.people:
        return failed(f"{person} may not decide here; {', '.join(approvals.people)} may")
    if requester.proven and person == requester.name:
        return failed(f"{person} asked for this promotion, so somebody else must approve it")
    return passed(f"{person} may decide")


def needed(approvals: Approvals, requester: Requester) -> int:
    """How many people it takes. Nobody knows who a claimed requester really is, so it may be one of the
    approvers: one more person makes sure that enough of them are somebody else."""
    return approvals.needed + (1 if approvals.needed and not requester.proven else 0)


def counted(votes: Iterable[Vote], requester: Requester, approvals: Approvals) -> tuple[Vote, ...]:
    """Those of the votes that count under the rule."""
    return tuple(vote for vote in votes if may_vote(vote.person, requester, approvals).passed)


def approvers(votes: Iterable[Vote], requester: Requester, approvals: Approvals) -> tuple[str, ...]:
    """Whose approvals count under the rule."""
    return people(vote for vote in counted(votes, requester, approvals) if vote.decision == "approve")


def approvals(ballot: Ballot) -> Verdict:
    """Passed, refused by somebody, or waiting for how many more."""
    rule = ballot.policy.approvals or Approvals()
    votes = counted(ballot.votes, ballot.requester, rule)
    against = [v for v in votes if v.decision == "refuse"]
    if against:
        why = f": {against[0].reason}" if against[0].reason else ""
        return failed(f"refused by {against[0].person}{why}")
    if rule.unproven and False in ballot.unproven:
        return failed("refused in Prefect's form")
    unproven = sum(ballot.unproven) if rule.unproven else 0
    have, want = len(people(votes)) + unproven, needed(rule, ballot.requester)
    if rule.unproven and unproven:
        want = rule.needed
    if have >= want:
        who = ", ".join(people(votes)) or ("Prefect's form" if unproven else "")
        return passed(f"approved by {who}" if who else "no approval needed")
    return pending(_waiting(want - have, rule, ballot.requester))


def _waiting(missing: int, rule: Approvals, requester: Requester) -> str:
    whom = " or ".join(name for name in rule.people if name != requester.name) or "anybody but the requester"
    extra = "" if requester.proven else "; one more than usual, because nobody proved who asked"
    return f"waits for {missing} {'approval' if missing == 1 else 'approvals'} by {whom}{extra}"


def stopped(ballot: Ballot) -> Verdict:
    """Whether nobody stopped the line."""
    return pending(ballot.stop.sentence) if ballot.stop else passed("the line is not stopped")


def soak(ballot: Ballot) -> Verdict:
    """Whether the release was verified upstream for long enough."""
    end = _soaked(ballot)
    if end is None:
        return passed("need not soak")
    length = human(ballot.policy.soak or timedelta())
    if ballot.now >= end:
        return passed(f"soaked for {length}")
    return pending(f"soaks until {end:{_CLOCK}}, {length} after it was verified upstream")


def freeze(ballot: Ballot) -> Verdict:
    """Whether no freeze window is open."""
    end = thaw(ballot.policy.freeze, ballot.now)
    return pending(f"frozen until {end:{_CLOCK}}") if end > ballot.now else passed("not frozen")


def decide(ballot: Ballot) -> Decision:
    """All gates of a planned promotion together."""
    source, vote = upstream(ballot), approvals(ballot)
    if refusals := [verdict.reason for verdict in (source, vote) if verdict.failed]:
        return Decision(state="refused", reason=refusals[0])
    held = (stopped(ballot), vote, soak(ballot), freeze(ballot), ballot.windows.verdict)
    waits = [verdict.reason for verdict in held if verdict.pending]
    if not waits:
        names = approvers(ballot.votes, ballot.requester, ballot.policy.approvals or Approvals())
        return Decision(state="open", reason=vote.reason, approved_by=names)
    end = expires(ballot)
    if ballot.now > end:
        hours = round(ballot.deadline.total_seconds() / 3600, 1)
        return Decision(state="expired", reason=f"nobody decided within {hours:g} hours; start a new run")
    return Decision(state="waiting", reason="; ".join(waits), until=end)


def expires(ballot: Ballot) -> datetime:
    """People have their whole time after what they cannot hasten, and never less than the waiting run gives them."""
    freezes, thaws = ballot.policy.freeze, thaw(ballot.policy.freeze, ballot.now)
    stopped = ballot.now if ballot.stop or ballot.windows.verdict.pending else None
    frozen = thaws if thaws > ballot.now else None
    held = (stopped, ballot.windows.until, frozen, _soaked(ballot), thawed(freezes, ballot.opened, ballot.now))
    return max(filter(None, (max(ballot.opened, *filter(None, held)) + ballot.deadline, ballot.until)))


def _soaked(ballot: Ballot) -> datetime | None:
    since = max(filter(None, ballot.verified.values()), default=None)
    return since + ballot.policy.soak if since and ballot.policy.soak else None


def upstream(ballot: Ballot) -> Verdict:
    """The release must be verified in every environment it comes after."""
    if not ballot.verified:
        return passed("it comes after no environment")
    return verified_upstream(ballot.verified, ballot.environment, ballot.version)


def verified_in(entries: Iterable[Entry], application: str, policy: Policy, release: str) -> dict[str, datetime | None]:
    """For each environment it comes after: since when the release is verified there."""
    listed = list(entries)
    return {name: ledger.verified_at(ledger.of(listed, application, name), release) for name in policy.after or ()}


def verified_upstream(verified: Mapping[str, datetime | None], target: str, version: str) -> Verdict:
    """The release must be verified in every environment it comes after."""
    missing = [name for name, since in verified.items() if since is None]
    if missing:
        return failed(
            f"{version or 'this release'} is not verified in {' and '.join(missing)}, so it may not go to "
            f"{target}; promote it to {missing[0]} first"
        )
    return passed("verified upstream")
