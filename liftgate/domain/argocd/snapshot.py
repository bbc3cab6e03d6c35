"""One answer of Argo CD about an Application, as a value (types.go: Application, OperationState)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from liftgate.domain.common.value import Value

REFRESH = "argocd.argoproj.io/refresh"


class Operation(Value):
    """The current or last operation."""

    phase: str = ""
    """Running, Succeeded, Failed, Error, Terminating; empty: requested, not yet started."""
    message: str = ""
    revisions: tuple[str, ...] = ()
    promotion: str = ""
    """The promotion id in its `infos`, the only label that a client can set."""
    started: datetime | None = None
    finished: datetime | None = None
    retries: int = 0
    dry_run: bool = False
    partial: bool = False
    """It synced only some objects (`resources`), by a person or self-heal: it does not prove a full sync."""
    hookless: bool = False
    """It only applied (`strategy.apply`) and ran no hook."""
    in_hook: bool = False
    """Whether a hook runs now: terminating the operation would stop it in the middle."""
    failures: tuple[str, ...] = ()
    """`Kind/name: message` of every object that did not sync and every hook that failed."""
    heals: int = 0
    """How many self-heals in a row there were, this operation included; 0: it was requested."""
    automated: bool = False
    """Argo CD started it automatically."""
    chosen: tuple[str, ...] = ()
    """The objects of a partial operation: a self-heal names leftovers and hooks too."""
    applied: tuple[str, ...] = ()
    """The objects that it synced, without its hooks; also unchanged ones."""
    changed: tuple[str, ...] = ()
    """The objects that it created or changed."""


class Snapshot(Value):
    name: str
    namespace: str = ""
    """The namespace of the Application itself."""
    version: int = 0
    """resourceVersion, which Argo CD compares as a number; 0: not known."""
    created: datetime | None = None
    """A deleted and recreated Application has the same name and another uid."""
    deleting: bool = False
    refresh_pending: bool = False
    requested: Operation | None = None
    """Top-level `operation`: present from the request until the operation's end is written."""
    operation: Operation | None = None
    """`status.operationState`; absent for a moment after a request."""
    sync: str = "Unknown"
    revisions: tuple[str, ...] = ()
    health: str = ""
    conditions: tuple[tuple[str, str], ...] = ()
    reconciled: datetime | None = None
    """Start of the comparison that gave this status, in whole seconds."""
    resources: int = 0
    degraded: tuple[str, ...] = ()
    """Degraded objects; not in a list or in the answer to a sync."""
    suspended: tuple[str, ...] = ()
    """Suspended objects."""
    custom: tuple[str, ...] = ()
    """Objects of custom kinds: their health may be older than their spec."""
    out_of_sync: tuple[str, ...] = ()
    needs_pruning: tuple[str, ...] = ()
    compared_here: bool = True
    """Whether the comparison used the source in the current spec."""
    auto_sync: bool = False
    self_heal: bool = False
    prunes: bool = False
    """Whether auto-sync deletes objects that Git no longer names."""
    synced_revisions: tuple[str, ...] = ()
    """Revisions of the last successful full sync; older than `revisions` after a commit that changes nothing here."""
    synced_at: datetime | None = None
    """When that sync ended."""
    several: bool = False
    """Whether the spec has `sources`: revisions are then matched by position."""
    sources: tuple[str, ...] = ()
    """`repoURL@targetRevision` of each source, in the order of the revisions."""
    drawn_from: str = ""
    """The sources with all their settings, as text: equal in two snapshots of the same sources."""
    children: tuple[str, ...] = ()
    """Argo CD Applications among the resources (app of apps): Argo CD reports no health for them."""
    hydration: str = ""
    """Why the source hydrator could not write the commit's manifests."""
    synced_here: bool = True
    """Whether the last full sync used the source in the current spec."""


def read_snapshot(application: Mapping[str, Any]) -> Snapshot:
    """Reads the JSON of GET, a watch event or the answer to a sync; missing parts are normal."""
    meta, spec = application.get("metadata", {}), application.get("spec", {})
    status = application.get("status", {})
    state, requested = status.get("operationState"), application.get("operation")
    hydrator = status.get("sourceHydrator") or {}
    dry = _dry(hydrator)
    synced = (status.get("history") or [{}])[-1]
    return Snapshot(
        name=meta.get("name", ""),
        namespace=meta.get("namespace", ""),
        version=int(written) if (written := str(meta.get("resourceVersion", ""))).isdecimal() else 0,
        created=_time(meta.get("creationTimestamp")),
        deleting=meta.get("deletionTimestamp") is not None,
        refresh_pending=REFRESH in (meta.get("annotations") or {}),
        requested=_requested(requested, dry) if requested is not None else None,
        operation=_state(state, dry) if state is not None else None,
        revisions=_revisions(status.get("sync", {}), dry),
        health=(status.get("health") or {}).get("status", ""),
        conditions=tuple((c.get("type", ""), c.get("message", "")) for c in status.get("conditions") or []),
        reconciled=_time(status.get("reconciledAt")),
        auto_sync=_automated(spec),
        self_heal=_automated(spec) and bool(spec["syncPolicy"]["automated"].get("selfHeal")),
        prunes=_automated(spec) and bool(spec["syncPolicy"]["automated"].get("prune")),
        synced_revisions=_revisions(synced, dry),
        synced_at=_time(synced.get("deployedAt")),
        synced_here=_same_sources(spec, synced),
        several=bool(spec.get("sources")),
        sources=tuple(f"{s.get('repoURL', '')}@{s.get('targetRevision', '')}" for s in _sources(spec)),
        drawn_from=json.dumps(_sources(spec), sort_keys=True),
        hydration=_hydration(hydrator),
        **_compared(spec, status.get("sync", {})),
        **_resources(status.get("resources") or []),
    )


def _compared(spec: Mapping[str, Any], sync: Mapping[str, Any]) -> dict[str, Any]:
    compared = sync.get("comparedTo") or {}
    return {"sync": sync.get("status") or "Unknown", "compared_here": _same_sources(spec, compared)}


def _resources(resources: list[Mapping[str, Any]]) -> dict[str, Any]:
    def named(holds: Callable[[Mapping[str, Any]], Any]) -> tuple[str, ...]:
        return tuple(_name(one) for one in resources if holds(one))

    return {
        "resources": len(resources),
        "degraded": named(lambda one: (one.get("health") or {}).get("status") == "Degraded"),
        "suspended": named(lambda one: (one.get("health") or {}).get("status") == "Suspended"),
        "custom": named(_is_custom),
        "out_of_sync": named(lambda one: one.get("status") == "OutOfSync"),
        "needs_pruning": named(lambda one: one.get("requiresPruning")),
        "children": tuple(_child(one) for one in resources if _is_application(one) and not one.get("health")),
    }


def _is_application(resource: Mapping[str, Any]) -> bool:
    return (resource.get("group"), resource.get("kind")) == ("argoproj.io", "Application")


def _child(resource: Mapping[str, Any]) -> str:
    """The name only, if it is in Argo CD's own namespace."""
    namespace, name = resource.get("namespace", ""), resource.get("name", "")
    return f"{namespace}/{name}" if namespace not in ("", "argocd") else str(name)


def _dry(hydrator: Mapping[str, Any]) -> dict[str, str]:
    """With a source hydrator Argo CD syncs a commit of its own; maps that commit to the original one."""
    done = [hydrator.get(name) or {} for name in ("currentOperation", "lastSuccessfulOperation")]
    return {one["hydratedSHA"]: one["drySHA"] for one in done if one.get("hydratedSHA") and one.get("drySHA")}


def _hydration(hydrator: Mapping[str, Any]) -> str:
    current = hydrator.get("currentOperation") or {}
    return str(current.get("message") or "no reason given") if current.get("phase") == "Failed" else ""


def _is_custom(resource: Mapping[str, Any]) -> bool:
    """Built-in API groups are `apps`, `batch`, … and those of `k8s.io`."""
    group = resource.get("group", "")
    return "." in group and not group.endswith(".k8s.io") and not _is_application(resource)


def _automated(spec: Mapping[str, Any]) -> bool:
    automated = (spec.get("syncPolicy") or {}).get("automated")
    return automated is not None and automated.get("enabled", True) is not False


def _sources(spec: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(spec.get("sources") or filter(None, [spec.get("source")]))


def _same_sources(spec: Mapping[str, Any], compared: Mapping[str, Any]) -> bool:
    """The controller adds empty fields, so only the fields of the spec are compared."""
    wanted, seen = _sources(spec), _sources(compared)
    if not wanted or not seen:
        return True
    keys = ("repoURL", "path", "targetRevision", "chart")
    if len(wanted) != len(seen):
        return False
    pairs = zip(wanted, seen, strict=True)
    return all((one.get(key) or "") == (other.get(key) or "") for one, other in pairs for key in keys)


def _revisions(holder: Mapping[str, Any], dry: Mapping[str, str]) -> tuple[str, ...]:
    if holder.get("revisions"):
        found = tuple(holder["revisions"])
    else:
        found = (holder["revision"],) if holder.get("revision") else ()
    return tuple(dry.get(revision, revision) for revision in found)


def _requested(operation: Mapping[str, Any], dry: Mapping[str, str]) -> Operation:
    sync = operation.get("sync") or {}
    return Operation(revisions=_revisions(sync, dry), promotion=_promotion(operation), dry_run=bool(sync.get("dryRun")))


def _state(state: Mapping[str, Any], dry: Mapping[str, str]) -> Operation:
    operation = state.get("operation") or {}
    result = state.get("syncResult") or {}
    asked = operation.get("sync") or {}
    return Operation(
        phase=state.get("phase", ""),
        message=state.get("message", ""),
        revisions=_revisions(result, dry) or _revisions(asked, dry),
        promotion=_promotion(operation),
        started=_time(state.get("startedAt")),
        finished=_time(state.get("finishedAt")),
        retries=int(state.get("retryCount", 0)),
        dry_run=bool(asked.get("dryRun")),
        partial=bool(asked.get("resources")),
        hookless="apply" in (asked.get("syncStrategy") or {}),
        in_hook=any(r.get("hookType") and r.get("hookPhase") == "Running" for r in result.get("resources") or []),
        failures=tuple(_failure(r) for r in result.get("resources") or [] if _has_failed(r)),
        heals=int(asked.get("autoHealAttemptsCount") or 0),
        automated=bool((operation.get("initiatedBy") or {}).get("automated")),
        chosen=tuple(_name(r) for r in asked.get("resources") or []),
        applied=tuple(_name(r) for r in result.get("resources") or [] if _is_applied(r)),
        changed=tuple(_name(r) for r in result.get("resources") or [] if _has_changed(r)),
    )


def _has_failed(resource: Mapping[str, Any]) -> bool:
    if resource.get("status") == "SyncFailed":
        return True
    return resource.get("hookPhase") in ("Failed", "Error")


def _is_applied(resource: Mapping[str, Any]) -> bool:
    return resource.get("status") == "Synced" and not resource.get("hookType")


def _has_changed(resource: Mapping[str, Any]) -> bool:
    """Argo CD keeps only the last word of kubectl's output; `unchanged` means that the patch was empty."""
    return _is_applied(resource) and not resource.get("message", "").endswith(" unchanged")


def _failure(resource: Mapping[str, Any]) -> str:
    return f"{_name(resource)}: {resource.get('message', '')}"


def _promotion(operation: Mapping[str, Any]) -> str:
    infos = operation.get("info") or []
    return next((str(i.get("value", "")) for i in infos if i.get("name") == "promotion-id"), "")


def _name(resource: Mapping[str, Any]) -> str:
    return f"{resource.get('kind', '')}/{resource.get('name', '')}"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
