"""Whose votes count, how many are needed, and what to do when too few people are left."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.approval.author import Authors
from liftgate.domain.approval.policy import Approvals
from liftgate.domain.approval.requester import Requester
from liftgate.domain.approval.vote import Vote, people
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.common.words import in_words


class Ballot(Value):
    """What decides whose votes count."""

    approvals: Approvals
    requester: Requester
    authors: Authors
    known: tuple[str, ...] = ()
    """Names of `people`: without `from` only they may vote."""

    @property
    def voters(self) -> tuple[str, ...]:
        """Who may vote on a change that others requested and wrote; empty if that is not known."""
        return self.approvals.people or self.known


def may_vote(person: str, ballot: Ballot) -> Verdict:
    """Whether this proven person's vote counts here; the person sees the reason."""
    rule = ballot.approvals
    if rule.people and person not in rule.people:
        return failed(f"{person} may not decide here; {', '.join(rule.people)} may")
    if ballot.requester.proven and person == ballot.requester.name and not rule.is_alone:
        return failed(f"{person} requested this promotion, so another person must approve it")
    if person in ballot.authors.people and rule.author == "refused":
        return failed(f"{person} wrote a part of this change, so another person must approve it")
    return passed(f"{person} may decide")


def needed(ballot: Ballot) -> int:
    """How many approvals are needed: one more for a claimed requester, who may be one of the approvers."""
    wanted = ballot.approvals.needed
    return wanted + (1 if wanted and not ballot.requester.proven else 0)


def counted(votes: Iterable[Vote], ballot: Ballot) -> tuple[Vote, ...]:
    """The votes that count under the rule."""
    return tuple(vote for vote in votes if may_vote(vote.person, ballot).passed)


def approvers(votes: Iterable[Vote], ballot: Ballot) -> tuple[str, ...]:
    """The people whose approvals count under the rule."""
    return people(vote for vote in counted(votes, ballot) if vote.decision == "approve")


def waiting_for(missing: int, ballot: Ballot) -> str:
    """`needs 1 approval: grace; written by ada`."""
    rule, requester = ballot.approvals, ballot.requester
    if rule.people:
        names = in_words((name for name in rule.people if may_vote(name, ballot).passed), "or")
    else:
        names = "anyone but the requester" + (" and the authors" if _excluded(ballot) else "")
    extra = "" if requester.proven else " (1 more, because Liftgate cannot prove who requested this)"
    wrote = f"; {ballot.authors}" if ballot.authors.names else ""
    return f"needs {missing} {'approval' if missing == 1 else 'approvals'}: {names}{extra}{wrote}"


def too_few(environment: str, ballot: Ballot) -> str:
    """Why there can never be enough approvals, and what to do; empty if there can."""
    rule, want = ballot.approvals, needed(ballot)
    left = [name for name in ballot.voters if may_vote(name, ballot).passed]
    if not ballot.voters or rule.unproven or len(left) >= want:
        return ""
    place = f"policy.{environment}.approvals"
    remedies = [f"add people to {place}.from" if rule.people else "add people to people"]
    if any(name in _excluded(ballot) for name in ballot.voters):
        remedies.append(f'set {place}.author to "allowed"')
    if not ballot.requester.proven:
        remedies.append("start it signed in, so that Liftgate can prove who requested it")
    who = f"only {in_words(left)} may approve this" if left else "no person in the list may approve this"
    why = "; ".join(filter(None, (str(ballot.authors), ballot.requester.name and f"requested by {ballot.requester}")))
    return f"it needs {want} {'approval' if want == 1 else 'approvals'}, and {who} ({why}): {in_words(remedies, 'or')}"


def _excluded(ballot: Ballot) -> tuple[str, ...]:
    """The authors who may not vote because they are authors."""
    return ballot.authors.people if ballot.approvals.author == "refused" else ()
