"""The outcome of an attempt as Markdown."""

from __future__ import annotations

from liftgate.domain.common.markup import prose
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import Attempt


def outcome_markdown(promotion: Attempt, entry: Entry) -> str:
    """The outcome with its times, as Prefect shows it."""
    times = entry.times
    rows = [
        ("release", f"`{entry.release[:19]}` {entry.version}"),
        ("commit", f"`{entry.revision}`" if entry.revision else "none"),
        ("requested by", entry.requester),
        ("approved by", ", ".join(entry.approved_by) or ("" if entry.by_hand else "not required")),
        ("by hand", prose(entry.by_hand.sentence) if entry.by_hand else ""),
        ("before", entry.previous or "nothing"),
        ("details", prose(entry.reason) if entry.good else ""),
        ("requested → finished", f"{(times.finished - times.requested).total_seconds():.1f} s"),
    ]
    if times.committed and times.verified:
        rows.append(("commit → verified", f"{(times.verified - times.committed).total_seconds():.1f} s"))
    table = "\n".join(f"| {name} | {value} |" for name, value in rows if value)
    return f"# {promotion.title}\n\n**{entry.sentence}**\n\n| | |\n|---|---|\n{table}\n"
