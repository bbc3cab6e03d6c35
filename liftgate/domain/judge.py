"""The judge: one snapshot of the Application, and what we know, give one state with a sentence and what to do next.

First match wins, in an order in which no state can be mistaken for success: an operation under way is looked at
before health, a failed one before sync, an old revision before everything the old revision looks like.
"""

from __future__ import annotations

from liftgate.domain.judgement import Judgement, Known, Patience, is_, once_lasted
from liftgate.domain.last_words import last_words
from liftgate.domain.passing import is_passing
from liftgate.domain.snapshot import Operation, Snapshot

_BROKEN = ("ComparisonError", "InvalidSpecError", "UnknownError")
_BLOCKED = "sync operation blocked by sync window"
_DEFINITE = ("Deployment/", "StatefulSet/", "DaemonSet/", "ReplicaSet/", "Job/")
"""Kinds that are Degraded only when they gave up; autoscalers and custom kinds are it now and then for a moment."""


def judge(seen: Snapshot | None, known: Known, patience: Patience | None = None) -> Judgement:
    """`seen` is None while Argo CD has no such Application."""
    patience = patience or Patience()
    if seen is None or seen.deleting:
        return _gone(known, patience)
    return (
        _superseded(seen, known)
        or _under_way(seen, known, patience)
        or _operation_failed(seen, known, patience)
        or _unknown(seen, known)
        or _other_revision(seen, known)
        or _out_of_sync(seen, known, patience)
        or _stale(seen, known)
        or _synced_in_part(seen, known, patience)
        or _hooks_due(seen, known, patience)
        or _health(seen, known, patience)
    )


def _gone(known: Known, patience: Patience) -> Judgement:
    """An ApplicationSet makes a deleted one again at once, and looks for new ones every three minutes."""
    if known.was_there:
        return once_lasted(known, "gone", patience.gone, "the Application was deleted", "fail")
    why = (
        "Argo CD has no such Application in this project; look at applications.*.argocd in liftgate.json "
        "and LIFTGATE_ARGOCD__PROJECT"
    )
    return once_lasted(known, "absent", patience.absent, why, "fail")


def _superseded(seen: Snapshot, known: Known) -> Judgement | None:
    last = seen.operation
    under_way = last.revisions if last and last.phase == "Running" and not last.dry_run else ()
    if known.superseded.intersection((*seen.revisions, *under_way)):
        return is_("superseded", "a later commit changed the same environment", "superseded")
    return None


def _under_way(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    now = seen.operation
    if now is None or now.phase not in ("Running", "Terminating"):
        waits = "Argo CD has not begun the operation yet (its controller may be down)"
        return is_("pending", waits, again_in=0.5) if seen.requested else None
    if now.phase == "Terminating":
        # In a sync window it is not ended before the window is over, and a refresh notices that.
        return is_("terminating", "the operation is being ended", "refresh")
    if now.message.lower().startswith(_BLOCKED):
        # The end of a window is noticed only by the next refresh.
        late = known.lasting("blocked") >= patience.blocked and known.answered >= 3
        return is_("blocked", "a sync window of Argo CD blocks the operation", "fail" if late else "refresh")
    if now.finished:
        return _retrying(seen, now, known)
    return _running(seen, now, known, patience)


def _running(seen: Snapshot, now: Operation, known: Known, patience: Patience) -> Judgement:
    """An operation of several waves waits until each is healthy, for as long as that takes."""
    if known.failing and _accepts(now.revisions, seen, known):
        return is_("pods failing", known.failing, "fail")
    if known.older.intersection(now.revisions) and not now.in_hook:
        said = f"an older commit's sync holds ours up ({last_words(now.message) or 'it is running'})"
        return once_lasted(known, "held up", patience.held_up, said, "terminate")
    return is_("running", last_words(now.message) or "the operation is running")


def _retrying(seen: Snapshot, now: Operation, known: Known) -> Judgement:
    """A finish time with phase Running is a failed attempt in its back-off, not an end. One of an older commit
    would hold ours up for minutes (argo-cd#11494)."""
    said = f"the sync failed: {_in_words(now)}"
    if _accepts(now.revisions, seen, known) or (known.promotion and now.promotion == known.promotion):
        return is_("retrying", said, "wait" if is_passing(_why(now)) else "fail")
    if known.older.intersection(now.revisions):
        return is_("retrying", f"an older commit's sync is retried and holds ours up ({_in_words(now)})", "terminate")
    return is_("retrying", said)


def _operation_failed(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    last = seen.operation
    if last is None or seen.requested or last.phase not in ("Failed", "Error") or last.dry_run:
        return None
    ours = bool(known.promotion) and last.promotion == known.promotion
    if not (ours or not (last.promotion or last.partial)) or not _accepts(last.revisions, seen, known):
        return None
    said = f"the sync failed: {_in_words(last)}"
    if not is_passing(_why(last)) or known.syncs >= patience.syncs:
        return is_("operation failed", said, "fail")
    if seen.sync == "Unknown":
        return None
    return once_lasted(known, "failed attempt", 2.0**known.syncs, said, "sync")


def _unknown(seen: Snapshot, known: Known) -> Judgement | None:
    if seen.hydration and known.refreshes >= 2:
        return is_("hydration failed", f"the source hydrator failed: {last_words(seen.hydration)}", "fail")
    if seen.sync != "Unknown":
        return None
    broken = [text for kind, text in seen.conditions if kind in _BROKEN]
    if not broken or is_passing(broken[0]):
        return is_("unknown", last_words(broken[0]) if broken else "Argo CD has not compared it yet", "refresh")
    if known.render_failures >= 2:
        return is_("render failed", f"Argo CD cannot render the commit: {last_words(broken[0])}", "fail")
    return is_("unknown", last_words(broken[0]), "refresh")


def _other_revision(seen: Snapshot, known: Known) -> Judgement | None:
    if _accepts(seen.revisions, seen, known):
        return None
    return is_("undetected", "Argo CD has not seen the commit yet", "refresh")


def _out_of_sync(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    if seen.sync != "OutOfSync":
        return None
    if _has_run(seen, known):
        return _after_the_operation(seen, known, patience)
    if not seen.auto_sync or known.refused:
        return _sync(known, patience, "the commit is seen and nobody syncs it")
    return once_lasted(known, "needs sync", patience.auto_sync, "the commit is seen; auto-sync did not begin", "sync")


def _synced_in_part(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    """Somebody synced some objects, or self-heal did: the hooks, and with them the tests, did not run. A dry run
    hides how the operation before it ended."""
    last = seen.operation
    if last is None or _accepts(seen.synced_revisions, seen, known):
        return None
    if last.dry_run or (last.partial and _accepts(last.revisions, seen, known)):
        return _sync(known, patience, "nothing says that the whole commit was synced")
    return None


def _hooks_due(seen: Snapshot, known: Known, patience: Patience) -> Judgement | None:
    """A commit that changes only them is Synced without any operation, and the test that it changes does not run."""
    last = seen.operation
    if last and last.hookless and _accepts(last.revisions, seen, known):
        return _sync(known, patience, "somebody synced the commit without its hooks")
    if _has_run(seen, known) or _accepts(seen.synced_revisions, seen, known) or known.hooks == "run":
        return None
    if not known.hooks:
        return is_("untested", "no operation brought the commit; looking for hooks that are to be run", "look")
    return _sync(known, patience, "no operation has run the commit's hooks")


def _has_run(seen: Snapshot, known: Known) -> bool:
    """An operation on the whole succeeded."""
    last = seen.operation
    if last is None or last.phase != "Succeeded" or last.dry_run or last.partial or last.hookless:
        return False
    return _accepts(last.revisions, seen, known)


def _sync(known: Known, patience: Patience, said: str) -> Judgement:
    if not known.refused:
        return is_("needs sync", said, "sync")
    late = known.refused_for >= patience.blocked
    return is_("refused", known.refused, "fail" if late else "sync")


def _after_the_operation(seen: Snapshot, known: Known, patience: Patience) -> Judgement:
    left_over = seen.needs_pruning and set(seen.out_of_sync) == set(seen.needs_pruning)
    if left_over and not _is_fresh(seen, known):
        return is_("stale", "the status may be older than the operation's end", "refresh")
    if left_over:
        return is_("prune needed", f"left over and not pruned: {', '.join(seen.needs_pruning)}", "fail")
    changed = [name for name in seen.out_of_sync if name not in seen.needs_pruning]
    said = f"synced, and yet {', '.join(changed) or 'something'} differs from the commit"
    if known.lasting("comparing") < patience.comparing:
        return is_("comparing", said, "refresh")
    return is_("comparing", said, "sync" if known.syncs < patience.syncs else "fail")


def _is_fresh(seen: Snapshot, known: Known) -> bool:
    """Argo CD's times have one second, so an equal one proves nothing. A refresh does that was asked for after the end
    was seen, when no other was pending: its compare began with a copy of the Application that holds the end.
    Only a compare that finds the request there takes it away (v3.5.1, appcontroller.go, persistAppStatus)."""
    end = seen.operation.finished if seen.operation else None
    return end is None or known.refreshes >= 1 or (seen.reconciled is not None and seen.reconciled > end)


def _stale(seen: Snapshot, known: Known) -> Judgement | None:
    if not _is_fresh(seen, known):
        return is_("stale", "the status may be older than the operation's end", "refresh")
    if not seen.compared_here:
        return is_("stale", "the comparison was made for another source", "refresh")
    return None


def _health(seen: Snapshot, known: Known, patience: Patience) -> Judgement:
    errors = [text for kind, text in seen.conditions if kind.endswith("Error")]
    if errors:
        fails = known.refreshes >= 2 and not is_passing(errors[0])
        return is_("condition", last_words(errors[0]), "fail" if fails else "refresh")
    if seen.health != "Healthy":
        return _not_healthy(seen, known, patience)
    if seen.resources == 0:
        return is_("empty", "the Application has no resources, so healthy means nothing", "fail")
    if seen.custom and known.healthy_for < patience.stable:
        left = patience.stable - known.healthy_for
        return is_("settling", "healthy; looking whether it stays so", again_in=left)
    return is_("done", "synced and healthy", "done")


def _not_healthy(seen: Snapshot, known: Known, patience: Patience) -> Judgement:
    if seen.health == "Degraded":
        return _degraded(seen, known, patience)
    if seen.health == "Suspended":
        return _suspended(seen, patience)
    if known.failing:
        return is_("pods failing", known.failing, "fail")
    return is_("progressing", f"the application is {seen.health or 'without health'}")


def _suspended(seen: Snapshot, patience: Patience) -> Judgement:
    """A pause that people made: whether it is good enough is theirs to say."""
    said = f"the application is Suspended ({', '.join(seen.suspended) or 'it does not say what'})"
    if patience.suspended == "good":
        return is_("done", f"synced, and {said}, which counts as good here", "done")
    if patience.suspended == "failed":
        return is_("suspended", f"{said}, which counts as failed here", "fail")
    return is_("suspended", f"{said}; it waits until a person resumes it")


def _degraded(seen: Snapshot, known: Known, patience: Patience) -> Judgement:
    said = "the application is Degraded" + (f" ({', '.join(seen.degraded)})" if seen.degraded else "")
    if known.was_better and any(name.startswith(_DEFINITE) for name in seen.degraded):
        return is_("degraded", said, "fail")
    return once_lasted(known, "degraded", patience.worse if known.was_better else patience.degraded, said, "fail")


def _accepts(revisions: tuple[str, ...], seen: Snapshot, known: Known) -> bool:
    """Ours is there, and every source that follows the same branch holds it too."""
    by_source = list(zip((*seen.sources, *("",) * len(revisions)), revisions, strict=False))
    ours = {source for source, revision in by_source if revision in known.accepted}
    return bool(ours) and all(revision in known.accepted for source, revision in by_source if source in ours)


def _why(operation: Operation) -> str:
    """Word for word."""
    return "; ".join((operation.message, *operation.failures))


def _in_words(operation: Operation) -> str:
    said = (last_words(operation.message), *map(_failure, operation.failures))
    return "; ".join(filter(None, said)) or "no reason given"


def _failure(said: str) -> str:
    """What is said of an object, behind its name."""
    name, _, why = said.partition(": ")
    return f"{name}: {last_words(why)}"
