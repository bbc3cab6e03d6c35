"""What people are told about a promotion: one message, kept up to date, and a line for each step below it."""

from __future__ import annotations

from liftgate.domain.gate import Decision
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.value import Value

_SIGNS = {
    "promoted": "✅", "verified": "✅", "rolled back": "↩️", "rollback failed": "🚨", "failed": "❌",
    "refused": "⛔", "expired": "⌛", "superseded": "⏭️",
}  # fmt: skip


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
    cluster: str = ""
    """What will change in the cluster, in short."""
    commands: tuple[str, ...] = ()
    """What somebody must run, each on a line of its own."""
    calls: tuple[str, ...] = ()
    """Chat ids of the people who are called."""


class Place(Value):
    """Where the message is, so that it is updated and not sent twice."""

    channel: str
    ts: str


def begun(promotion: Promotion, plan: Plan, url: str) -> Announcement:
    return _about(promotion, plan, url, "planned")


def waiting(promotion: Promotion, plan: Plan, decision: Decision, url: str, cluster: str = "") -> Announcement:
    said = _about(promotion, plan, url, f"⏸ {decision.reason}")
    return said.model_copy(update={"cluster": cluster, "vote_on": plan.hash})


def going_back(rollback: Promotion, plan: Plan, url: str) -> Announcement:
    """To a chosen promotion: people see what goes before it is gone."""
    count = len(rollback.took_back)
    back = f"; takes {count} promotion{'' if count == 1 else 's'} back" if count else ""
    return _about(rollback, plan, url, f"↩️ going back to what promotion {rollback.restores} verified{back}")


def ended(promotion: Promotion, plan: Plan | None, entry: Entry, url: str) -> Announcement:
    return _about(promotion, plan, url, f"{_SIGNS.get(entry.outcome, '')} {sentence(entry)}".strip(), over=True)


def sentence(entry: Entry) -> str:
    """`rolled back to 1.4.1 in 21 s: health check: database unreachable`."""
    if entry.outcome in ("promoted", "verified"):
        by = f", approved by {', '.join(entry.approved_by)}" if entry.approved_by else ""
        return f"{entry.outcome}{by}: {entry.reason}"
    return entry.reason if entry.reason.startswith(entry.outcome) else f"{entry.outcome}: {entry.reason}"


def _about(promotion: Promotion, plan: Plan | None, url: str, state: str, *, over: bool = False) -> Announcement:
    """What it says when it is over must stay true: by then another version runs there."""
    if promotion.kind == "rollback":
        there = "back to" if over else "goes back to"
    else:
        there = "before" if over else "runs there now"
    facts = [("asked by", str(promotion.requester)), (there, promotion.previous or "nothing yet")]
    if promotion.reason:
        facts.append(("reason", promotion.reason))
    return Announcement(
        promotion=promotion.reverts or promotion.id,
        title=promotion.title,
        state=state,
        facts=tuple(facts),
        plan=plan,
        url=url,
    )
