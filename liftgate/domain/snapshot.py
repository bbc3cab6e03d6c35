"""What one answer of Argo CD says about an Application, as a value (types.go: Application, OperationState)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from liftgate.domain.value import Value

REFRESH = "argocd.argoproj.io/refresh"


class Operation(Value):
    """The operation that runs or ran last."""

    phase: str = ""
    """Running, Succeeded, Failed, Error, Terminating; empty: asked for, not yet picked up."""
    message: str = ""
    revisions: tuple[str, ...] = ()
    promotion: str = ""
    """The promotion id among its `infos`: the only mark a client can set."""
    started: datetime | None = None
    finished: datetime | None = None
    retries: int = 0
    dry_run: bool = False
    failures: tuple[str, ...] = ()
    """`Kind/name: message` of every object that did not sync and every hook that failed."""
    heals: int = 0
    """How often in a row Argo CD has put the cluster back by itself, up to this operation; 0: it was asked for."""
    healed: tuple[str, ...] = ()
    """The objects such an operation puts back."""


class Snapshot(Value):
    name: str
    namespace: str = ""
    """Where the Application itself lies."""
    deleting: bool = False
    refresh_pending: bool = False
    requested: Operation | None = None
    """Top-level `operation`: present from the request until the end is written."""
    operation: Operation | None = None
    """`status.operationState`; absent for a moment after a request."""
    sync: str = "Unknown"
    revisions: tuple[str, ...] = ()
    health: str = ""
    conditions: tuple[tuple[str, str], ...] = ()
    reconciled: datetime | None = None
    """Start of the compare that made this status, to the second."""
    resources: int = 0
    custom: tuple[str, ...] = ()
    """Objects of kinds Kubernetes does not bring: their health may lag behind what was applied."""
    out_of_sync: tuple[str, ...] = ()
    needs_pruning: tuple[str, ...] = ()
    compared_here: bool = True
    """Whether the compare was of the source the spec names now."""
    auto_sync: bool = False
    self_heal: bool = False
    synced_revisions: tuple[str, ...] = ()
    """Of the last full sync that succeeded; a commit that changes nothing here leaves them behind `revisions`."""
    synced_at: datetime | None = None
    synced_here: bool = True
    """Whether that sync was of the source the spec names now."""


def read(application: Mapping[str, Any]) -> Snapshot:
    """From the JSON of GET, a watch event or a sync's answer; missing parts are normal."""
    meta, spec = application.get("metadata", {}), application.get("spec", {})
    status = application.get("status", {})
    sync, resources = status.get("sync", {}), status.get("resources") or []
    state, requested = status.get("operationState"), application.get("operation")
    synced = (status.get("history") or [{}])[-1]
    return Snapshot(
        name=meta.get("name", ""),
        namespace=meta.get("namespace", ""),
        deleting="deletionTimestamp" in meta,
        refresh_pending=REFRESH in (meta.get("annotations") or {}),
        requested=_requested(requested) if requested is not None else None,
        operation=_state(state) if state is not None else None,
        sync=sync.get("status") or "Unknown",
        revisions=_revisions(sync),
        health=(status.get("health") or {}).get("status", ""),
        conditions=tuple((c.get("type", ""), c.get("message", "")) for c in status.get("conditions") or []),
        reconciled=_time(status.get("reconciledAt")),
        resources=len(resources),
        custom=tuple(_name(r) for r in resources if _is_custom(r.get("group", ""))),
        out_of_sync=tuple(_name(r) for r in resources if r.get("status") == "OutOfSync"),
        needs_pruning=tuple(_name(r) for r in resources if r.get("requiresPruning")),
        compared_here=_same_source(spec, sync.get("comparedTo", {})),
        auto_sync=_automated(spec),
        self_heal=_automated(spec) and bool(spec["syncPolicy"]["automated"].get("selfHeal")),
        synced_revisions=_revisions(synced),
        synced_at=_time(synced.get("deployedAt")),
        synced_here=_same_source(spec, synced),
    )


def _is_custom(group: str) -> bool:
    """Built-in groups are `apps`, `batch`, … and those of `k8s.io`."""
    return "." in group and not group.endswith(".k8s.io")


def _automated(spec: Mapping[str, Any]) -> bool:
    automated = (spec.get("syncPolicy") or {}).get("automated")
    return automated is not None and automated.get("enabled", True) is not False


def _same_source(spec: Mapping[str, Any], compared: Mapping[str, Any]) -> bool:
    """The controller writes empty fields it was not given, so only what the spec names is compared."""
    wanted, seen = spec.get("source"), compared.get("source")
    if not wanted or not seen:
        return True
    keys = ("repoURL", "path", "targetRevision", "chart")
    return all((wanted.get(key) or "") == (seen.get(key) or "") for key in keys)


def _revisions(holder: Mapping[str, Any]) -> tuple[str, ...]:
    if holder.get("revisions"):
        return tuple(holder["revisions"])
    return (holder["revision"],) if holder.get("revision") else ()


def _requested(operation: Mapping[str, Any]) -> Operation:
    sync = operation.get("sync") or {}
    return Operation(revisions=_revisions(sync), promotion=_promotion(operation), dry_run=bool(sync.get("dryRun")))


def _state(state: Mapping[str, Any]) -> Operation:
    operation = state.get("operation") or {}
    result = state.get("syncResult") or {}
    asked = operation.get("sync") or {}
    return Operation(
        phase=state.get("phase", ""),
        message=state.get("message", ""),
        revisions=_revisions(result) or _revisions(asked),
        promotion=_promotion(operation),
        started=_time(state.get("startedAt")),
        finished=_time(state.get("finishedAt")),
        retries=int(state.get("retryCount", 0)),
        dry_run=bool(asked.get("dryRun")),
        failures=tuple(_failure(r) for r in result.get("resources") or [] if _has_failed(r)),
        heals=int(asked.get("autoHealAttemptsCount") or 0),
        healed=tuple(_name(r) for r in asked.get("resources") or []),
    )


def _has_failed(resource: Mapping[str, Any]) -> bool:
    if resource.get("status") == "SyncFailed":
        return True
    return resource.get("hookPhase") in ("Failed", "Error")


def _failure(resource: Mapping[str, Any]) -> str:
    return f"{_name(resource)}: {resource.get('message', '')}"


def _promotion(operation: Mapping[str, Any]) -> str:
    infos = operation.get("info") or []
    return next((str(i.get("value", "")) for i in infos if i.get("name") == "promotion-id"), "")


def _name(resource: Mapping[str, Any]) -> str:
    return f"{resource.get('kind', '')}/{resource.get('name', '')}"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
