"""Assesses one snapshot of the Argo CD Application: one state, with a sentence and the next action.

The first match wins, in an order in which no state can look like success: a running operation comes before health,
a failed one before the sync status, and an old revision before its own status.
"""

from __future__ import annotations

from liftgate.domain.argocd.snapshot import Operation, Snapshot
from liftgate.domain.argocd.sync_assessment import Known, Patience, SyncAssessment, is_, once_lasted
from liftgate.domain.argocd.transient_errors import is_passing
from liftgate.domain.secrets.error_excerpt import error_excerpt

_BROKEN = ("ComparisonError", "InvalidSpecError", "UnknownError")
_BLOCKED = "sync operation blocked by sync window"
_DEFINITE = ("Deployment/", "StatefulSet/", "DaemonSet/", "ReplicaSet/", "Job/")
"""Kinds that are Degraded only if they failed; autoscalers and custom kinds can be Degraded for a moment."""


def assess_sync(seen: Snapshot | None, known: Known, patience: Patience | None = None) -> SyncAssessment:
    """`seen` is None while Argo CD does not have the Application."""
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


def _gone(known: Known, patience: Patience) -> SyncAssessment:
    """An ApplicationSet recreates a deleted Application at once, and looks for new ones every three minutes."""
    if known.was_there:
        return once_lasted(known, "gone", patience.gone, "the Argo CD Application was deleted", "fail")
    why = (
        "Argo CD has no such Application in this project; check applications.*.argocd in liftgate.json "
        "and LIFTGATE_ARGOCD__PROJECT"
    )
    return once_lasted(known, "absent", patience.absent, why, "fail")


def _superseded(seen: Snapshot, known: Known) -> SyncAssessment | None:
    """Another source may have a later commit of the same repository: that is no matter of ours."""
    last = seen.operation
    under_way = last.revisions if last and last.phase == "Running" and not last.dry_run else ()
    for revisions in (seen.revisions, under_way):
        if known.superseded.intersection(revisions) and not _accepts(revisions, seen, known):
            return is_("superseded", "a later commit changed the same environment", "superseded")
    return None


def _under_way(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment | None:
    now = seen.operation
    if now is None or now.phase not in ("Running", "Terminating"):
        waits = "Argo CD has not started the operation yet (its controller may be down)"
        return is_("pending", waits, again_in=0.5) if seen.requested else None
    if now.phase == "Terminating":
        # In a sync window the operation ends only after the window, and a refresh notices that.
        return is_("terminating", "the operation is terminating", "refresh")
    if now.message.lower().startswith(_BLOCKED):
        # Only the next refresh notices the end of a window.
        late = known.lasting("blocked") >= patience.blocked and known.answered >= 3
        return is_("blocked", "a sync window of Argo CD blocks the operation", "fail" if late else "refresh")
    if now.finished:
        return _retrying(seen, now, known)
    return _running(seen, now, known, patience)


def _running(seen: Snapshot, now: Operation, known: Known, patience: Patience) -> SyncAssessment:
    """An operation of several waves waits until each wave is healthy, without a time limit."""
    brings_ours = _accepts(now.revisions, seen, known)
    if known.failing and brings_ours:
        return is_("pods failing", known.failing, "fail")
    # another source of ours may stay at an older commit of the same repository
    if known.older.intersection(now.revisions) and not brings_ours and not now.in_hook:
        said = f"an older commit's sync blocks ours ({error_excerpt(now.message) or 'it is running'})"
        return once_lasted(known, "held up", patience.held_up, said, "terminate")
    return is_("running", error_excerpt(now.message) or "the operation is running")


def _retrying(seen: Snapshot, now: Operation, known: Known) -> SyncAssessment:
    """A finish time with phase Running is a failed attempt in its back-off, not an end. A retry of an older commit
    would block ours for minutes (argo-cd#11494)."""
    said = f"the sync failed: {_in_words(now)}"
    if _accepts(now.revisions, seen, known) or (known.promotion and now.promotion == known.promotion):
        return is_("retrying", said, "wait" if is_passing(_why(now)) else "fail")
    if known.older.intersection(now.revisions):
        return is_("retrying", f"retries of an older commit's sync block ours ({_in_words(now)})", "terminate")
    return is_("retrying", said)


def _operation_failed(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment | None:
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


def _unknown(seen: Snapshot, known: Known) -> SyncAssessment | None:
    if seen.hydration and known.refreshes >= 2:
        return is_("hydration failed", f"the source hydrator failed: {error_excerpt(seen.hydration)}", "fail")
    if seen.sync != "Unknown":
        return None
    broken = [text for kind, text in seen.conditions if kind in _BROKEN]
    if not broken or is_passing(broken[0]):
        return is_("unknown", error_excerpt(broken[0]) if broken else "Argo CD has not compared it yet", "refresh")
    if known.render_failures >= 2:
        return is_("render failed", f"Argo CD cannot render the commit: {error_excerpt(broken[0])}", "fail")
    return is_("unknown", error_excerpt(broken[0]), "refresh")


def _other_revision(seen: Snapshot, known: Known) -> SyncAssessment | None:
    if _accepts(seen.revisions, seen, known):
        return None
    return is_("undetected", "Argo CD has not seen the commit yet", "refresh")


def _out_of_sync(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment | None:
    if seen.sync != "OutOfSync":
        return None
    if _has_run(seen, known):
        return _after_the_operation(seen, known, patience)
    if not seen.auto_sync or known.refused:
        return _sync(known, patience, "Argo CD has seen the commit, but does not sync it")
    return once_lasted(known, "needs sync", patience.auto_sync, "auto-sync did not start for the commit", "sync")


def _synced_in_part(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment | None:
    """A person or self-heal synced only some objects: the hooks, and the tests among them, did not run. A dry run
    hides how the previous operation ended."""
    last = seen.operation
    if last is None or _accepts(seen.synced_revisions, seen, known):
        return None
    if last.dry_run or (last.partial and _accepts(last.revisions, seen, known)):
        return _sync(known, patience, "no operation shows that the whole commit was synced")
    return None


def _hooks_due(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment | None:
    """A commit that changes only hooks is Synced without an operation, and the changed test does not run."""
    last = seen.operation
    if last and last.hookless and _accepts(last.revisions, seen, known):
        return _sync(known, patience, "the commit was synced without its hooks")
    if _has_run(seen, known) or _accepts(seen.synced_revisions, seen, known) or known.hooks == "run":
        return None
    if not known.hooks:
        return is_("untested", "no operation synced the commit; checking whether it has hooks to run", "look")
    return _sync(known, patience, "no operation has run the commit's hooks")


def _has_run(seen: Snapshot, known: Known) -> bool:
    """Whether a full operation succeeded."""
    last = seen.operation
    if last is None or last.phase != "Succeeded" or last.dry_run or last.partial or last.hookless:
        return False
    return _accepts(last.revisions, seen, known)


def _sync(known: Known, patience: Patience, said: str) -> SyncAssessment:
    if not known.refused:
        return is_("needs sync", said, "sync")
    late = known.refused_for >= patience.blocked
    return is_("refused", known.refused, "fail" if late else "sync")


def _after_the_operation(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment:
    left_over = seen.needs_pruning and set(seen.out_of_sync) == set(seen.needs_pruning)
    if left_over and not _is_fresh(seen, known):
        return is_("stale", "the status may be older than the end of the operation", "refresh")
    if left_over:
        return is_("prune needed", f"not pruned: {', '.join(seen.needs_pruning)}", "fail")
    changed = [name for name in seen.out_of_sync if name not in seen.needs_pruning]
    said = f"synced, but {', '.join(changed) or 'something'} differs from the commit"
    if known.lasting("comparing") < patience.comparing:
        return is_("comparing", said, "refresh")
    return is_("comparing", said, "sync" if known.syncs < patience.syncs else "fail")


def _is_fresh(seen: Snapshot, known: Known) -> bool:
    """Argo CD's times are whole seconds, so an equal time proves nothing. A refresh that we requested after we saw the
    end, when no other was pending, is proof: its compare started with a copy of the Application that has the end.
    Only a compare that finds the request removes it (v3.5.1, appcontroller.go, persistAppStatus)."""
    end = seen.operation.finished if seen.operation else None
    return end is None or known.refreshes >= 1 or (seen.reconciled is not None and seen.reconciled > end)


def _stale(seen: Snapshot, known: Known) -> SyncAssessment | None:
    if not _is_fresh(seen, known):
        return is_("stale", "the status may be older than the end of the operation", "refresh")
    if not seen.compared_here:
        return is_("stale", "Argo CD compared another source", "refresh")
    return None


def _health(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment:
    errors = [text for kind, text in seen.conditions if kind.endswith("Error")]
    if errors:
        fails = known.refreshes >= 2 and not is_passing(errors[0])
        return is_("condition", error_excerpt(errors[0]), "fail" if fails else "refresh")
    if seen.health != "Healthy":
        return _not_healthy(seen, known, patience)
    if seen.resources == 0:
        return is_("empty", "the Argo CD Application has no resources, so Healthy means nothing", "fail")
    if seen.custom and known.healthy_for < patience.stable:
        left = patience.stable - known.healthy_for
        return is_("settling", "healthy; checking whether it stays healthy", again_in=left)
    return is_("done", "synced and healthy", "done")


def _not_healthy(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment:
    if seen.health == "Degraded":
        return _degraded(seen, known, patience)
    if seen.health == "Suspended":
        return _suspended(seen, patience)
    if known.failing:
        return is_("pods failing", known.failing, "fail")
    return is_("progressing", f"the Argo CD Application is {seen.health or 'without a health status'}")


def _suspended(seen: Snapshot, patience: Patience) -> SyncAssessment:
    """A pause that people made: a setting says what it means."""
    said = f"the Argo CD Application is Suspended ({', '.join(seen.suspended) or 'without naming an object'})"
    if patience.suspended == "good":
        return is_("done", f"synced; {said}, which counts as good here", "done")
    if patience.suspended == "failed":
        return is_("suspended", f"{said}, which counts as failed here", "fail")
    return is_("suspended", f"{said}; a person must resume it")


def _degraded(seen: Snapshot, known: Known, patience: Patience) -> SyncAssessment:
    said = "the Argo CD Application is Degraded" + (f" ({', '.join(seen.degraded)})" if seen.degraded else "")
    if known.was_better and any(name.startswith(_DEFINITE) for name in seen.degraded):
        return is_("degraded", said, "fail")
    return once_lasted(known, "degraded", patience.worse if known.was_better else patience.degraded, said, "fail")


def _accepts(revisions: tuple[str, ...], seen: Snapshot, known: Known) -> bool:
    """Whether our revision is there, for every source that follows its branch."""
    by_source = list(zip((*seen.sources, *("",) * len(revisions)), revisions, strict=False))
    ours = {source for source, revision in by_source if revision in known.accepted}
    return bool(ours) and all(revision in known.accepted for source, revision in by_source if source in ours)


def _why(operation: Operation) -> str:
    """Unchanged, for matching."""
    return "; ".join((operation.message, *operation.failures))


def _in_words(operation: Operation) -> str:
    said = (error_excerpt(operation.message), *map(_failure, operation.failures))
    return "; ".join(filter(None, said)) or "no reason given"


def _failure(said: str) -> str:
    """An object's name, and an excerpt of its error."""
    name, _, why = said.partition(": ")
    return f"{name}: {error_excerpt(why)}"
