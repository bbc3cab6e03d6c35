"""The judge: one snapshot of the Application, and what we know, give one state with a sentence and what to do next.

First match wins, in an order in which no state can be mistaken for success: an operation under way is looked at
before health, a failed one before sync, an old revision before everything the old revision looks like.
"""

from __future__ import annotations

from typing import Literal

from liftgate.domain.snapshot import Operation, Snapshot
from liftgate.domain.value import Value

Action = Literal["wait", "refresh", "sync", "fail", "done", "superseded"]

_PASSING = (
    *("unavailable", "deadlineexceeded", "deadline exceeded", "i/o timeout", "connection", "lookup", "eof"),
    *("502", "503", "504", "returned error: 5"),
)
_BROKEN = ("ComparisonError", "InvalidSpecError", "UnknownError")
_BLOCKED = "sync operation blocked by sync window"


class Known(Value):
    """What the waiting loop knows besides the snapshot; all durations in seconds of its own clock."""

    accepted: frozenset[str]
    """Revisions that hold our change: the commit, and descendants with the same environment tree."""
    superseded: frozenset[str] = frozenset()
    """Descendants of our commit whose environment tree differs."""
    promotion: str = ""
    refreshes: int = 0
    """Refreshes answered since this operation's end was first seen (or since the start, without one)."""
    render_failures: int = 0
    """Refreshes answered in a row with the same failure to render."""
    needs_sync_for: float = 0.0
    blocked_for: float = 0.0
    degraded_for: float = 0.0
    healthy_for: float = 0.0
    was_better: bool = False
    """Whether it was Healthy or Progressing since our revision was seen."""


class Patience(Value):
    """How long a state may last before it means something; in seconds."""

    auto_sync: float = 5.0
    blocked: float = 10.0
    degraded: float = 30.0
    stable: float = 5.0
    """Only with objects of custom kinds: built-in ones say by their generation whether their health is current, and
    Argo CD takes sync and health from one comparison."""


class Judgement(Value):
    state: str
    sentence: str
    action: Action


def judge(seen: Snapshot, known: Known, patience: Patience | None = None) -> Judgement:
    patience = patience or Patience()
    return (
        _gone(seen)
        or _under_way(seen, known, patience)
        or _operation_failed(seen, known)
        or _unknown(seen, known)
        or _other_revision(seen, known)
        or _out_of_sync(seen, known, patience)
        or _stale(seen, known)
        or _health(seen, known, patience)
    )


def _is(state: str, sentence: str, action: Action = "wait") -> Judgement:
    return Judgement(state=state, sentence=sentence, action=action)


def _gone(seen: Snapshot) -> Judgement | None:
    if seen.deleting:
        return _is("gone", f"the Application {seen.name} is being deleted", "fail")
    return None


def _under_way(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    now = seen.operation
    if now is None or now.phase not in ("Running", "Terminating"):
        return _is("pending", "Argo CD has not begun the operation yet") if seen.requested else None
    if now.phase == "Terminating":
        return _is("terminating", "the operation is being ended")
    if now.message.lower().startswith(_BLOCKED):
        late = known.blocked_for > patience.blocked
        return _is("blocked", "a sync window of Argo CD blocks the operation", "fail" if late else "wait")
    if now.finished:
        return _retrying(now, known)
    return _is("running", now.message or "the operation is running")


def _retrying(now: Operation, known: Known) -> Judgement:
    """A finish time with phase Running is a failed attempt in its back-off, not an end."""
    ours = now.promotion == known.promotion or _accepts(now.revisions, known)
    return _is("retrying", f"the sync failed: {_why(now)}", "fail" if ours else "wait")


def _operation_failed(seen: Snapshot, known: Known) -> Judgement | None:
    last = seen.operation
    if last is None or seen.requested or last.phase not in ("Failed", "Error") or last.dry_run:
        return None
    ours = bool(known.promotion) and last.promotion == known.promotion
    if (ours or not last.promotion) and _accepts(last.revisions, known):
        return _is("operation failed", f"the sync failed: {_why(last)}", "fail")
    return None


def _unknown(seen: Snapshot, known: Known) -> Judgement | None:
    broken = [text for kind, text in seen.conditions if kind in _BROKEN]
    if seen.sync != "Unknown":
        return None
    if not broken or any(word in broken[0].lower() for word in _PASSING):
        return _is("unknown", broken[0] if broken else "Argo CD has not compared it yet", "refresh")
    if known.render_failures >= 2:
        return _is("render failed", f"Argo CD cannot render the commit: {_tail(broken[0])}", "fail")
    return _is("unknown", _tail(broken[0]), "refresh")


def _other_revision(seen: Snapshot, known: Known) -> Judgement | None:
    if _accepts(seen.revisions, known):
        return None
    if any(revision in known.superseded for revision in seen.revisions):
        return _is("superseded", "a later commit changed the same environment", "superseded")
    return _is("undetected", "Argo CD has not seen the commit yet", "refresh")


def _out_of_sync(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    if seen.sync != "OutOfSync":
        return None
    last = seen.operation
    if last and last.phase == "Succeeded" and _accepts(last.revisions, known) and not last.dry_run:
        if seen.needs_pruning and set(seen.out_of_sync) == set(seen.needs_pruning):
            return _is("prune needed", f"left over and not pruned: {', '.join(seen.needs_pruning)}", "fail")
        return _is("settling", "the operation succeeded; Argo CD still compares")
    if not seen.auto_sync or known.needs_sync_for > patience.auto_sync:
        return _is("needs sync", "the commit is seen and nobody syncs it", "sync")
    return _is("needs sync", "the commit is seen; auto-sync is expected to begin")


def _stale(seen: Snapshot, known: Known) -> Judgement | None:
    """Argo CD's times have one second: an equal one proves nothing, and one refresh can be served by a compare
    that began before the end; the second one after it cannot."""
    end = seen.operation.finished if seen.operation else None
    if end and (seen.reconciled is None or seen.reconciled <= end) and known.refreshes < 2:
        return _is("stale", "the status may be older than the operation's end", "refresh")
    if not seen.compared_here:
        return _is("stale", "the comparison was made for another source", "refresh")
    return None


def _health(seen: Snapshot, known: Known, patience: Patience) -> Judgement:
    errors = [text for kind, text in seen.conditions if kind.endswith("Error")]
    if errors:
        return _is("condition", _tail(errors[0]), "fail" if known.refreshes >= 2 else "refresh")
    if seen.health == "Degraded":
        late = known.was_better or known.degraded_for > patience.degraded
        return _is("degraded", "the application is Degraded", "fail" if late else "wait")
    if seen.health != "Healthy":
        state = "suspended" if seen.health == "Suspended" else "progressing"
        return _is(state, f"the application is {seen.health or 'without health'}")
    if seen.resources == 0:
        return _is("empty", "the Application has no resources, so healthy means nothing", "fail")
    if seen.custom and known.healthy_for < patience.stable:
        return _is("settling", "healthy; looking whether it stays so")
    return _is("done", "synced and healthy", "done")


def _accepts(revisions: tuple[str, ...], known: Known) -> bool:
    return any(revision in known.accepted for revision in revisions)


def _why(operation: Operation) -> str:
    return "; ".join((operation.message, *operation.failures)) or "no reason given"


def _tail(message: str) -> str:
    """Helm and kustomize put the useful part last."""
    return message.rsplit("failed exit status 1: ", 1)[-1][:500]
