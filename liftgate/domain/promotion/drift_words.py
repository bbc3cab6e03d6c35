"""Messages about drift: what changed, which people to ask, what to do; names of fields, never values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from liftgate.domain.drift.drift import Changed, Finding
from liftgate.domain.drift.record import Record
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.secrets.masking import readable

Words: TypeAlias = Callable[[Record, Sequence[str], Entry | None, str], Announcement]
_SHOWN = 10
_WIDEST = 180


def found(record: Record, people: Sequence[str], last: Entry | None, owner: str) -> Announcement:
    """`people` come from the environment's policy, `last` is its newest outcome, `owner` the Argo CD Application."""
    return _about(record, f"⚠️ {_what(record)}", people, last, owner)


def gone(record: Record, people: Sequence[str], last: Entry | None, owner: str) -> Announcement:
    return _about(record, f"✅ {ending(record)}", people, last, owner)


def ending(record: Record) -> str:
    """The line that follows when the drift has ended."""
    lasted = f" after {_span(record.seen, record.over)}" if record.over else ""
    return f"the cluster matches Git again{lasted}"


def drift_sentence(record: Record) -> str:
    """For the board: `changed in the cluster, not in Git: Deployment/web: spec.replicas`."""
    return f"{_what(record)}: {drift_list(record.objects, '; ')}"


def seen(finding: Finding) -> str:
    """A sentence for one observation; an empty string if there is nothing to report."""
    if finding.kind == "git moved":
        return "Git has a new commit that is not deployed yet"
    if finding.is_drift:
        also = "; Git has a new commit too" if finding.kind == "both" else ""
        return f"changed in the cluster, not in Git: {drift_list(finding.objects, '; ')}{also}"
    return {"self-healed": "Argo CD undid a change in the cluster", "unknown": "Argo CD cannot compare it now"}.get(
        finding.kind, ""
    )


def drift_list(objects: Sequence[Changed], between: str = "\n") -> str:
    """At most ten objects, each short enough for one line."""
    lines = [readable(str(each), _WIDEST) for each in objects[:_SHOWN]]
    more = len(objects) - _SHOWN
    return between.join([*lines, f"and {more} more"] if more > 0 else lines)


def _about(record: Record, state: str, people: Sequence[str], last: Entry | None, owner: str) -> Announcement:
    facts = [
        ("changed", drift_list(record.objects)),
        ("ask", _whom(people, last)),
        ("what to do", _advice(record, owner)),
    ]
    return Announcement(
        promotion=record.id,
        title=f"{record.application} {record.environment}: drift",
        state=state,
        facts=tuple((name, text) for name, text in facts if text),
    )


def _what(record: Record) -> str:
    if record.kind == "self-healed":
        return "changed in the cluster, not in Git; Argo CD undid the change"
    also = "; Git has a new commit too, which is not deployed yet" if record.kind == "both" else ""
    return f"changed in the cluster, not in Git{also}"


def _advice(record: Record, owner: str) -> str:
    if record.over:
        return "nothing: the cluster matches Git"
    sync = f"to undo it, sync {owner or 'the Application'} in Argo CD"
    return f"{sync}; to keep it, put it into Git: liftgate update {record.application} --in {record.environment}"


def _whom(people: Sequence[str], last: Entry | None) -> str:
    by = f"{last.requested_by} requested the last change ({last.version or last.kind})" if last else ""
    return "; ".join(part for part in (", ".join(people), by) if part)


def _span(since: datetime, until: datetime) -> str:
    seconds = (until - since).total_seconds()
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
