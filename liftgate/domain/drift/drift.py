"""Drift: did the cluster change, or Git, or both? Decided by one snapshot, and a comparison if that is not enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from liftgate.domain.argocd.snapshot import Operation, Snapshot
from liftgate.domain.common.value import Value

_SETTLING: Final = timedelta(seconds=5)
"""After a full sync Argo CD's own view of the cluster may be late, and it heals objects that are already right."""
Kind = Literal["none", "busy", "unknown", "leftovers", "self-healed", "git moved", "cluster moved", "both"]


class Changed(Value):
    """One live object that differs from the last synced commit."""

    object: str
    """`Kind/name`."""
    fields: tuple[str, ...] = ()
    """Dotted names of the changed fields, never values; empty: the whole object, or not known."""
    gone: bool = False

    def __str__(self) -> str:
        if self.gone:
            return f"{self.object} (deleted)"
        return f"{self.object}: {', '.join(self.fields)}" if self.fields else self.object


class Compared(Value):
    """The result of comparing the live objects with the last synced manifests."""

    cluster: tuple[Changed, ...] = ()
    """Objects that were changed in the cluster."""
    git: tuple[str, ...] = ()
    """Objects that Git has changed since."""


class Calm(NamedTuple):
    """An Argo CD Application that was Synced without a running operation."""

    revisions: tuple[str, ...]
    sources: str
    created: datetime | None
    """When the Application was created: a newer one may have the same name."""
    operation: datetime | None
    """When its last operation until then started."""


class Finding(Value):
    kind: Kind
    objects: tuple[Changed, ...] = ()
    """The objects changed in the cluster; only if it changed, or Argo CD undid the change."""
    revision: str = ""
    """The last synced commit."""
    whole: bool = True
    """Whether all its objects could be compared."""

    @property
    def is_drift(self) -> bool:
        return self.kind in ("cluster moved", "both")

    @property
    def is_certain(self) -> bool:
        """Whether an earlier drift that it does not contain has ended."""
        return self.whole and self.kind not in ("busy", "unknown")


def assess_drift(seen: Snapshot, compared: Compared | None = None) -> Finding:
    """Without a comparison a new commit in Git hides changes of the cluster: see `needs_comparison`."""
    if is_busy(seen):
        return _found("busy", seen)
    if seen.sync == "Unknown":
        return _found("unknown", seen)
    if seen.sync == "Synced":
        return _synced(seen)
    if not _has_moved(seen):
        return _cluster(seen, compared) if differing(seen) else _found("leftovers", seen)
    brought = _brought_since(seen)
    changed_in_cluster = [each for each in compared.cluster if each.object not in brought] if compared else []
    if compared is None or not changed_in_cluster:
        return _found("git moved", seen)
    return _found("both" if compared.git else "cluster moved", seen, changed_in_cluster)


def _brought_since(seen: Snapshot) -> tuple[str, ...]:
    """Objects synced since the last successful full sync, by an operation that failed or was partial."""
    last = seen.operation
    return last.applied if last and not last.dry_run and last.revisions != seen.synced_revisions else ()


def needs_comparison(seen: Snapshot) -> bool:
    """Whether the live objects must be compared with the last synced manifests.

    A commit that changes nothing here also changes the revision, so this is usual in a shared repository.
    """
    comparable = bool(seen.synced_revisions) and seen.synced_here
    return seen.sync == "OutOfSync" and not is_busy(seen) and _has_moved(seen) and comparable


def calm(seen: Snapshot) -> Calm | None:
    """None unless it is Synced without a running operation, and the answer has the revision."""
    at_rest = seen.sync == "Synced" and not is_busy(seen) and seen.revisions
    began = seen.operation.started if seen.operation else None
    return Calm(seen.revisions, seen.drawn_from, seen.created, began) if at_rest else None


def is_busy(seen: Snapshot) -> bool:
    """Whether an operation is requested, running, waiting for a retry or terminating, or the Application is deleted."""
    under_way = seen.operation is not None and seen.operation.phase in ("Running", "Terminating", "")
    return seen.deleting or seen.requested is not None or under_way


def is_suspect(seen: Snapshot) -> bool:
    """Whether it needs a closer check; the short answer of a list is enough to decide."""
    return seen.sync == "OutOfSync" and not is_busy(seen) and bool(differing(seen))


def differing(seen: Snapshot) -> tuple[str, ...]:
    """Objects that differ from Git, without those that only need pruning."""
    return tuple(name for name in seen.out_of_sync if name not in seen.needs_pruning)


class Heal(Value):
    """The objects that Argo CD healed automatically."""

    objects: tuple[str, ...]
    revision: str
    began: datetime
    ended: datetime


def heal(seen: Snapshot, calm: Calm | None = None) -> Heal | None:
    """The changes that Argo CD's last operation undid; None if there are none.

    `calm` is the state before that operation: if Git has a newer commit without a change here, a self-heal is a full
    sync that does not mention healing (recording 307).
    """
    last = seen.operation
    if not (last and last.automated and last.phase == "Succeeded" and last.started and last.finished):
        return None
    if last.heals:
        objects = tuple(name for name in last.changed if name in last.chosen) if _is_repair(seen, last) else ()
    else:
        objects = last.changed if calm and _is_of(seen, last, calm) else ()
    objects = tuple(name for name in objects if name not in seen.needs_pruning)
    if not objects:
        return None
    revision = next(iter(last.revisions), "")
    return Heal(objects=objects, revision=revision, began=last.started, ended=last.finished)


def _is_of(seen: Snapshot, last: Operation, calm: Calm) -> bool:
    """Whether the operation came after that state, and only restored it."""
    again = Calm(last.revisions, seen.drawn_from, seen.created, calm.operation)
    return calm == again and last.started != calm.operation and not last.partial


def _is_repair(seen: Snapshot, last: Operation) -> bool:
    """Whether the whole commit was synced some time before; both times are Argo CD's own, in whole seconds.

    After a dry run or a partial sync by a person, Argo CD syncs the rest of a new commit like a self-heal.
    """
    synced, began = seen.synced_at, last.started
    if seen.synced_revisions != last.revisions:
        return False
    return synced is None or began is None or began - synced > _SETTLING


def steady(before: Mapping[str, datetime], suspects: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Since when each suspect has differed without a break: a short difference around a sync is not drift."""
    return {name: before.get(name, now) for name in suspects}


def merged(findings: Mapping[str, Finding], names: Sequence[str]) -> Finding:
    """The finding for several Argo CD Applications of one place; objects then carry the Application's name."""
    if len(names) == 1:
        return findings[names[0]]
    kind = min((each.kind for each in findings.values()), key=_WEIGHT.index)
    objects = tuple(
        changed.copy_with(object=within(changed.object, name, names))
        for name, each in findings.items()
        if each.is_drift
        for changed in each.objects
    )
    whole = all(name in findings and findings[name].is_certain for name in names)
    revision = next((each.revision for each in findings.values() if each.kind == kind), "")
    return Finding(kind=kind, objects=objects, revision=revision, whole=whole)


def within(thing: str, name: str, names: Sequence[str]) -> str:
    """An object's name in a place with several Argo CD Applications."""
    return thing if len(names) == 1 else f"{name} {thing}"


_WEIGHT: tuple[Kind, ...] = (
    "both", "cluster moved", "unknown", "busy", "git moved", "self-healed", "leftovers", "none",
)  # fmt: skip
"""The order in which several kinds are reported."""


def _synced(seen: Snapshot) -> Finding:
    if healing := heal(seen):
        return _found("self-healed", seen, (Changed(object=name) for name in healing.objects))
    return _found("leftovers" if seen.needs_pruning else "none", seen)


def _cluster(seen: Snapshot, compared: Compared | None) -> Finding:
    """The fields are for people; Argo CD has already reported that the cluster changed."""
    known = compared.cluster if compared else ()
    return _found("cluster moved", seen, known or (Changed(object=name) for name in differing(seen)))


def _has_moved(seen: Snapshot) -> bool:
    return seen.revisions != seen.synced_revisions or not seen.synced_here


def _found(kind: Kind, seen: Snapshot, objects: Iterable[Changed] = ()) -> Finding:
    return Finding(kind=kind, objects=tuple(objects), revision=next(iter(seen.synced_revisions), ""))
