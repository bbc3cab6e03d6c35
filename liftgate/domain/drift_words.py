"""What people hear of a drift: what was changed, whom to ask, what to do; names of fields, never values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from liftgate.domain.announcement import Announcement
from liftgate.domain.drift import Changed, Finding
from liftgate.domain.drift_record import Record
from liftgate.domain.ledger import Entry
from liftgate.domain.masking import readable

Words: TypeAlias = Callable[[Record, Sequence[str], Entry | None, str], Announcement]
_SHOWN = 10
_WIDEST = 180


def found(record: Record, people: Sequence[str], last: Entry | None, owner: str) -> Announcement:
    """`people` are those of the environment's policy, `last` its newest outcome; `owner` is the Argo CD Application."""
    return _about(record, f"⚠️ {_what(record)}", people, last, owner)


def gone(record: Record, people: Sequence[str], last: Entry | None, owner: str) -> Announcement:
    return _about(record, f"✅ {ending(record)}", people, last, owner)


def ending(record: Record) -> str:
    """The line that follows when it is over."""
    lasted = f" after {_span(record.seen, record.over)}" if record.over else ""
    return f"the cluster is as Git has it again{lasted}"


def sentence(record: Record) -> str:
    """For the board: `changed in the cluster, not in Git: Deployment/web: spec.replicas`."""
    return f"{_what(record)}: {listed(record.objects, '; ')}"


def seen(finding: Finding) -> str:
    """For one look; an empty string where there is nothing to say."""
    if finding.kind == "git moved":
        return "Git has moved and is not deployed yet"
    if finding.is_drift:
        also = "; Git has moved too" if finding.kind == "both" else ""
        return f"changed in the cluster, not in Git: {listed(finding.objects, '; ')}{also}"
    return {"self-healed": "Argo CD put back a change of the cluster", "unknown": "Argo CD cannot compare it now"}.get(
        finding.kind, ""
    )


def listed(objects: Sequence[Changed], between: str = "\n") -> str:
    """At most ten objects, each on a line's length."""
    lines = [readable(str(each), _WIDEST) for each in objects[:_SHOWN]]
    more = len(objects) - _SHOWN
    return between.join([*lines, f"and {more} more"] if more > 0 else lines)


def _about(record: Record, state: str, people: Sequence[str], last: Entry | None, owner: str) -> Announcement:
    facts = [("changed", listed(record.objects)), ("ask", _whom(people, last)), ("what to do", _advice(record, owner))]
    return Announcement(
        promotion=record.id,
        title=f"{record.application} {record.environment}: drift",
        state=state,
        facts=tuple((name, text) for name, text in facts if text),
    )


def _what(record: Record) -> str:
    if record.kind == "self-healed":
        return "changed in the cluster, not in Git, and put back by Argo CD"
    also = "; Git has moved too, and its commit is not deployed yet" if record.kind == "both" else ""
    return f"changed in the cluster, not in Git{also}"


def _advice(record: Record, owner: str) -> str:
    if record.over:
        return "nothing: it is as Git has it"
    sync = f"sync {owner or 'the Application'} in Argo CD to put it back as Git has it"
    return f"{sync}; or bring the change through Git: liftgate update {record.application} --in {record.environment}"


def _whom(people: Sequence[str], last: Entry | None) -> str:
    by = f"{last.requested_by} brought {last.version or 'the last change'} there last" if last else ""
    return "; ".join(part for part in (", ".join(people), by) if part)


def _span(since: datetime, until: datetime) -> str:
    seconds = (until - since).total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
