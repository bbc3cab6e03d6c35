"""What people are told about a promotion: one message, kept up to date, and a line for each step below it."""

from __future__ import annotations

from typing import Final

from liftgate.domain.approval.gate import Decision
from liftgate.domain.approval.requester import Requester
from liftgate.domain.common.value import Value
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.attempt import Attempt, GatedChange, Rollback

SIGNS = {
    "promoted": "✅", "verified": "✅", "rolled back": "↩️", "rollback failed": "🚨", "failed": "❌",
    "refused": "⛔", "expired": "⌛", "superseded": "⏭️",
}  # fmt: skip


NOW: Final = "runs there now"


class Announcement(Value):
    promotion: str
    title: str
    state: str
    """One line: what is going on now."""
    facts: tuple[tuple[str, str], ...] = ()
    plan: Plan | None = None
    url: str = ""
    vote_on: str = ""
    """The whole digest of the plan whose buttons stand below; empty: no buttons."""
    shown: str = ""
    """The digest of what is shown besides the plan; a vote covers both."""
    cluster: str = ""
    """What will change in the cluster, in short."""
    commands: tuple[str, ...] = ()
    """Commands that a person must run, one a line."""
    calls: tuple[str, ...] = ()
    """Chat ids of the people who are called."""


class Place(Value):
    """Where the message is, so that it is updated and not sent twice."""

    channel: str
    ts: str


def begun(promotion: GatedChange, plan: Plan, url: str) -> Announcement:
    return _about(promotion, plan, url, "planned")


def waiting(
    promotion: GatedChange, plan: Plan, decision: Decision, url: str, shown: str, cluster: str = ""
) -> Announcement:
    return asking(_about(promotion, plan, url, ""), plan, decision, shown, cluster)


def asking(said: Announcement, plan: Plan, decision: Decision, shown: str, cluster: str = "") -> Announcement:
    """The same message with the gate's question and buttons."""
    state = f"⏸ {decision.reason}"
    return said.copy_with(state=state, cluster=cluster, plan=plan, vote_on=plan.hash, shown=shown)


def going_back(rollback: Rollback, plan: Plan, url: str) -> Announcement:
    """To a chosen promotion: people see what goes before it is gone."""
    count = len(rollback.took_back)
    back = f"; takes {count} promotion{'' if count == 1 else 's'} back" if count else ""
    return _about(rollback, plan, url, f"↩️ going back to what promotion {rollback.restores} verified{back}")


def ended(promotion: Attempt, plan: Plan | None, entry: Entry, url: str) -> Announcement:
    said = _about(promotion, plan, url, f"{SIGNS.get(entry.outcome, '')} {entry.sentence}".strip(), over=True)
    return said.copy_with(facts=(*said.facts, ("details", entry.reason))) if entry.good else said


def unchanged(promotion: GatedChange, url: str) -> Announcement:
    return _about(promotion, None, url, f"☑️ {promotion.unchanged}", over=True)


def _about(promotion: Attempt, plan: Plan | None, url: str, state: str, *, over: bool = False) -> Announcement:
    """What it says when it is over must stay true: by then another version runs there."""
    now, then = ("goes back to", "back to") if isinstance(promotion, Rollback) else (NOW, "before")
    return Announcement(
        promotion=promotion.message_of,
        title=promotion.title,
        state=state,
        facts=(
            *facts(promotion.requester, then if over else now, promotion.previous, promotion.reason),
            *notices(promotion),
        ),
        plan=plan,
        url=url,
    )


def notices(attempt: Attempt) -> tuple[tuple[str, str], ...]:
    """What people must know besides of a rollback."""
    return (("notice", attempt.notice),) if isinstance(attempt, Rollback) and attempt.notice else ()


def facts(requester: Requester, there: str, previous: str, reason: str) -> tuple[tuple[str, str], ...]:
    """Who asked for it, the version that is `there`, and why."""
    said = [("requested by", str(requester)), (there, previous or "nothing yet")]
    return (*said, ("reason", reason)) if reason else tuple(said)
