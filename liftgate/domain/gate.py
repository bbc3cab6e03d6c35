"""What must hold before a plan is applied: rules over values; time, people and history come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from liftgate.domain.policy import Approvals, Policy
from liftgate.domain.promotion import Requester
from liftgate.domain.value import Value
from liftgate.domain.verdict import Verdict, failed, passed, pending
from liftgate.domain.vote import Vote, people


class Decision(Value):
    """All gates together: open, closed for good, or waiting for somebody."""

    state: Literal["open", "refused", "expired", "waiting"]
    reason: str
    approved_by: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        return self.state == "open"

    @property
    def waits(self) -> bool:
        return self.state == "waiting"


class Ballot(Value):
    """What the approval gate needs to know, as values."""

    policy: Policy
    requester: Requester
    votes: tuple[Vote, ...] = ()
    unproven: tuple[bool, ...] = ()
    """Answers of Prefect's own Resume form, which proves nobody."""
    opened: datetime
    now: datetime
    deadline: timedelta


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


def approvals(ballot: Ballot) -> Verdict:
    """Passed, refused by somebody, or waiting for how many more."""
    rule = ballot.policy.approvals or Approvals()
    counted = [v for v in ballot.votes if may_vote(v.person, ballot.requester, rule).passed]
    against = [v for v in counted if v.decision == "refuse"]
    if against:
        why = f": {against[0].reason}" if against[0].reason else ""
        return failed(f"refused by {against[0].person}{why}")
    if rule.unproven and False in ballot.unproven:
        return failed("refused in Prefect's form")
    unproven = sum(ballot.unproven) if rule.unproven else 0
    have, want = len(people(counted)) + unproven, needed(rule, ballot.requester)
    if rule.unproven and unproven:
        want = rule.needed
    if have >= want:
        who = ", ".join(people(counted)) or ("Prefect's form" if unproven else "")
        return passed(f"approved by {who}" if who else "no approval needed")
    return pending(_waiting(want - have, rule, ballot.requester))


def _waiting(missing: int, rule: Approvals, requester: Requester) -> str:
    whom = " or ".join(name for name in rule.people if name != requester.name) or "anybody but the requester"
    extra = "" if requester.proven else "; one more than usual, because nobody proved who asked"
    return f"waits for {missing} {'approval' if missing == 1 else 'approvals'} by {whom}{extra}"


def decide(ballot: Ballot) -> Decision:
    """All gates of this version: upstream is checked when the release is chosen, approvals here."""
    verdict = approvals(ballot)
    if verdict.passed:
        names = people(v for v in ballot.votes if v.decision == "approve")
        return Decision(state="open", reason=verdict.reason, approved_by=names)
    if verdict.failed:
        return Decision(state="refused", reason=verdict.reason)
    if ballot.now - ballot.opened > ballot.deadline:
        hours = round(ballot.deadline.total_seconds() / 3600, 1)
        return Decision(state="expired", reason=f"nobody decided within {hours:g} hours; start a new run")
    return Decision(state="waiting", reason=verdict.reason)


def upstream(verified_in: Sequence[tuple[str, bool]], target: str, version: str) -> Verdict:
    """The release must be verified in every environment it comes after."""
    missing = [name for name, good in verified_in if not good]
    if missing:
        return failed(
            f"{version or 'this release'} is not verified in {' and '.join(missing)}, so it may not go to "
            f"{target}; promote it to {missing[0]} first"
        )
    return passed("verified upstream")
