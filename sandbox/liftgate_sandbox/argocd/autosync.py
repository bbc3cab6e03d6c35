"""Whether a comparison leads to an automatic operation: decided inside the refresh, as Argo CD does."""

from __future__ import annotations

from typing import NamedTuple

from liftgate_sandbox.argocd.applications import is_going
from liftgate_sandbox.argocd.compare import Comparison
from liftgate_sandbox.argocd.kube import Object, seconds_of
from liftgate_sandbox.argocd.status import multi_source
from liftgate_sandbox.argocd.windows import assigned, can_sync

_HEAL_FIRST, _HEAL_FACTOR, _HEAL_MOST = 2.0, 3.0, 300.0


class Decision(NamedTuple):
    """An operation to start, or why not (a SyncError), or when to look again (a self-heal that must wait)."""

    operation: Object | None = None
    error: str = ""
    again_in: float = 0.0


def decide(app: Object, project: Object, found: Comparison, now: float) -> Decision:
    """What auto-sync makes of this comparison."""
    policy = (app["spec"].get("syncPolicy") or {}).get("automated")
    if policy is None or policy.get("enabled") is False or "operation" in app or found.status != "OutOfSync":
        return Decision()
    if is_going(app):
        return Decision()
    if not can_sync(assigned(project, app), now, manual=False) or _only_pruning(policy, found):
        return Decision()
    operation = _operation(app, policy, found)
    last = app["status"].get("operationState")
    if not _attempted(last, operation):
        return _guard_empty(policy, found, operation)
    if last and last["phase"] != "Succeeded":
        revision = ", ".join(found.targets.revisions)
        return Decision(error=f"Failed last sync attempt to [{revision}]: {last['message']}")
    return _heal(operation, found, last or {}, now) if policy.get("selfHeal") else Decision()


def _operation(app: Object, policy: Object, found: Comparison) -> Object:
    sync: Object = {}
    if multi_source(app["spec"]):
        sync |= {"sources": app["spec"]["sources"], "revisions": found.targets.revisions}
    else:
        sync |= {"source": app["spec"]["source"], "revision": found.targets.revisions[0]}
    if policy.get("prune"):
        sync["prune"] = True
    options = app["spec"]["syncPolicy"].get("syncOptions")
    if options:
        sync["syncOptions"] = options
    retry = app["spec"]["syncPolicy"].get("retry") or {"limit": 5}
    return {"sync": sync, "initiatedBy": {"automated": True}, "retry": retry}


def _only_pruning(policy: Object, found: Comparison) -> bool:
    if policy.get("prune"):
        return False
    differing = [one for one in found.resources if one.get("status") not in ("Synced", None)]
    return all(one.get("requiresPruning") for one in differing)


def _attempted(last: Object | None, operation: Object) -> bool:
    result = (last or {}).get("syncResult") or {}
    wanted = operation["sync"]
    if "revisions" in wanted:
        return bool(result.get("revisions") == wanted["revisions"] and result.get("sources") == wanted["sources"])
    return bool(result.get("revision") == wanted["revision"] and result.get("source") == wanted["source"])


def _guard_empty(policy: Object, found: Comparison, operation: Object) -> Decision:
    if policy.get("prune") and not policy.get("allowEmpty") and not found.targets.objects and found.live:
        revision = ", ".join(found.targets.revisions)
        return Decision(error=f"Skipping sync attempt to {revision}: auto-sync will wipe out all resources")
    return Decision(operation)


def _heal(operation: Object, found: Comparison, last: Object, now: float) -> Decision:
    attempts = int(last["operation"]["sync"].get("autoHealAttemptsCount", 0))
    wait = min(_HEAL_FIRST * _HEAL_FACTOR ** (attempts - 1), _HEAL_MOST) if attempts else 0.0
    left = seconds_of(last["finishedAt"]) + wait - now
    if left > 0:
        return Decision(again_in=left)
    # Also what only requires pruning, and hooks, which have no status.
    differing = [one for one in found.resources if one.get("status") != "Synced"]
    operation["sync"]["autoHealAttemptsCount"] = attempts + 1
    operation["sync"]["resources"] = [_reference(one) for one in differing]
    return Decision(operation)


def _reference(entry: Object) -> Object:
    return {name: entry[name] for name in ("group", "kind", "name") if name in entry}
