"""Drift: did the cluster move, or did Git, or both? One snapshot, and a comparison where it cannot tell, say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from liftgate.domain.snapshot import Operation, Snapshot
from liftgate.domain.value import Value

_SETTLING: Final = timedelta(seconds=5)
"""After a full sync Argo CD's own view of the cluster may be late for a moment, and it heals what is right already."""
Kind = Literal["none", "busy", "unknown", "leftovers", "self-healed", "git moved", "cluster moved", "both"]


class Changed(Value):
    """One live object that is not as Git had it when it was last synced."""

    object: str
    """`Kind/name`."""
    fields: tuple[str, ...] = ()
    """Dotted names of what was changed, never values; none: the whole object, or it is not known which."""
    gone: bool = False

    def __str__(self) -> str:
        if self.gone:
            return f"{self.object} (deleted)"
        return f"{self.object}: {', '.join(self.fields)}" if self.fields else self.object


class Compared(Value):
    """What a comparison of the live objects with the last synced manifests found."""

    cluster: tuple[Changed, ...] = ()
    """What somebody changed in the cluster."""
    git: tuple[str, ...] = ()
    """Objects that Git has changed since."""


class Calm(NamedTuple):
    """An Application that was Synced and at rest."""

    revisions: tuple[str, ...]
    sources: str
    created: datetime | None
    """When it was made: under the same name there may be another one since."""
    operation: datetime | None
    """When its last operation until then had begun."""


class Finding(Value):
    kind: Kind
    objects: tuple[Changed, ...] = ()
    """What was changed in the cluster; only where it moved, or was put back."""
    revision: str = ""
    """The commit that was synced last."""
    whole: bool = True
    """Whether everything could be looked at that belongs to it."""

    @property
    def is_drift(self) -> bool:
        return self.kind in ("cluster moved", "both")

    @property
    def is_certain(self) -> bool:
        """Whether an earlier drift that is not in it is over."""
        return self.whole and self.kind not in ("busy", "unknown")


def judge(seen: Snapshot, compared: Compared | None = None) -> Finding:
    """Without a comparison a moved Git hides what happened in the cluster: see `needs_comparison`."""
    if is_busy(seen):
        return _found("busy", seen)
    if seen.sync == "Unknown":
        return _found("unknown", seen)
    if seen.sync == "Synced":
        return _synced(seen)
    if not _has_moved(seen):
        return _cluster(seen, compared) if differing(seen) else _found("leftovers", seen)
    brought = _brought_since(seen)
    by_hand = [each for each in compared.cluster if each.object not in brought] if compared else []
    if compared is None or not by_hand:
        return _found("git moved", seen)
    return _found("both" if compared.git else "cluster moved", seen, by_hand)


def _brought_since(seen: Snapshot) -> tuple[str, ...]:
    """What an operation has brought since the last full sync that succeeded: it failed, or was of some objects only."""
    last = seen.operation
    return last.applied if last and not last.dry_run and last.revisions != seen.synced_revisions else ()


def needs_comparison(seen: Snapshot) -> bool:
    """Whether only the live objects against the last synced manifests can tell.

    A commit that changes nothing here moves the revision too, so this is the usual case in a repository of many.
    """
    comparable = bool(seen.synced_revisions) and seen.synced_here
    return seen.sync == "OutOfSync" and not is_busy(seen) and _has_moved(seen) and comparable


def calm(seen: Snapshot) -> Calm | None:
    """None where it is not Synced and at rest, or the answer does not say at which revision."""
    at_rest = seen.sync == "Synced" and not is_busy(seen) and seen.revisions
    began = seen.operation.started if seen.operation else None
    return Calm(seen.revisions, seen.drawn_from, seen.created, began) if at_rest else None


def is_busy(seen: Snapshot) -> bool:
    """An operation is asked for, runs, waits for its next attempt or is being ended; or the Application goes."""
    under_way = seen.operation is not None and seen.operation.phase in ("Running", "Terminating", "")
    return seen.deleting or seen.requested is not None or under_way


def is_suspect(seen: Snapshot) -> bool:
    """Whether it is worth a closer look; a list's short answer is enough to tell."""
    return seen.sync == "OutOfSync" and not is_busy(seen) and bool(differing(seen))


def differing(seen: Snapshot) -> tuple[str, ...]:
    """Objects that are not as Git has them, without those that only nobody pruned."""
    return tuple(name for name in seen.out_of_sync if name not in seen.needs_pruning)


class Heal(Value):
    """What Argo CD put back in the cluster by itself."""

    objects: tuple[str, ...]
    revision: str
    began: datetime
    ended: datetime


def heal(seen: Snapshot, calm: Calm | None = None) -> Heal | None:
    """What Argo CD's last operation put back; None when it put nothing back.

    `calm` is what was seen before that operation: where Git has moved since the last sync, without a change here, a
    self-heal is a full sync that says nothing of healing (recording 307).
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
    """Whether the operation came after that, and had nothing to do but to bring it back."""
    again = Calm(last.revisions, seen.drawn_from, seen.created, calm.operation)
    return calm == again and last.started != calm.operation and not last.partial


def _is_repair(seen: Snapshot, last: Operation) -> bool:
    """Whether the whole commit had been synced, and a while before: both times are Argo CD's own, to the second.

    After a dry run or a person's sync of some objects Argo CD brings the rest of a new commit as if it healed.
    """
    synced, began = seen.synced_at, last.started
    if seen.synced_revisions != last.revisions:
        return False
    return synced is None or began is None or began - synced > _SETTLING


def steady(before: Mapping[str, datetime], suspects: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Since when each suspect has been one without a break: a short disagreement around a sync is no drift."""
    return {name: before.get(name, now) for name in suspects}


def merged(findings: Mapping[str, Finding], names: Sequence[str]) -> Finding:
    """Of one place with several Applications; objects are then told apart by the Application's name."""
    if len(names) == 1:
        return findings[names[0]]
    kind = min((each.kind for each in findings.values()), key=_WEIGHT.index)
    objects = tuple(
        changed.model_copy(update={"object": within(changed.object, name, names)})
        for name, each in findings.items()
        if each.is_drift
        for changed in each.objects
    )
    whole = all(name in findings and findings[name].is_certain for name in names)
    revision = next((each.revision for each in findings.values() if each.kind == kind), "")
    return Finding(kind=kind, objects=objects, revision=revision, whole=whole)


def within(thing: str, name: str, names: Sequence[str]) -> str:
    """What an object is called in a place of several Applications."""
    return thing if len(names) == 1 else f"{name} {thing}"


_WEIGHT: tuple[Kind, ...] = (
    "both", "cluster moved", "unknown", "busy", "git moved", "self-healed", "leftovers", "none",
)  # fmt: skip
"""What of several is said first."""


def _synced(seen: Snapshot) -> Finding:
    if healing := heal(seen):
        return _found("self-healed", seen, (Changed(object=name) for name in healing.objects))
    return _found("leftovers" if seen.needs_pruning else "none", seen)


def _cluster(seen: Snapshot, compared: Compared | None) -> Finding:
    """The fields are for people; that the cluster moved, Argo CD has said already."""
    known = compared.cluster if compared else ()
    return _found("cluster moved", seen, known or (Changed(object=name) for name in differing(seen)))


def _has_moved(seen: Snapshot) -> bool:
    return seen.revisions != seen.synced_revisions or not seen.synced_here


def _found(kind: Kind, seen: Snapshot, objects: Iterable[Changed] = ()) -> Finding:
    return Finding(kind=kind, objects=tuple(objects), revision=next(iter(seen.synced_revisions), ""))
