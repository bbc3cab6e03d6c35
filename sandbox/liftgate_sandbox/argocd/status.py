"""Writing down what a comparison found: the status of an application, as one patch."""

from __future__ import annotations

from liftgate_sandbox.argocd.compare import Comparison
from liftgate_sandbox.argocd.kube import Object, stamp
from liftgate_sandbox.argocd.state import State


def write_status(state: State, app: Object, found: Comparison, conditions: Object, reconciled: str) -> None:
    """Put sync, health, resources and conditions (type to message) into `app`, and store it if it changed.

    `app` is a copy, perhaps changed already: one patch writes it all.
    """
    before = app["status"]
    status: Object = {"resources": found.resources} if found.resources else {}
    status["sync"] = sync_status(app["spec"], found.status, found.targets.revisions)
    status["health"] = _health(before.get("health") or {}, found.health, state.clock())
    for kept in ("history", "operationState"):
        if kept in before:
            status[kept] = before[kept]
    if conditions:
        status["conditions"] = _conditions(before.get("conditions") or [], conditions, state.clock())
    status["reconciledAt"] = reconciled
    status |= _types(app["spec"], found.targets.types)
    status["summary"] = _summary(found)
    status |= {"resourceHealthSource": "appTree", "controllerNamespace": "argocd", "sourceHydrator": {}}
    app["status"] = status
    if app != state.applications[app["metadata"]["name"]]:
        state.put_application(app)
        _tell(state, app, before)


def sync_status(spec: Object, status: str, revisions: list[str]) -> Object:
    """`status.sync`: what was compared with what, and which revisions those were."""
    compared: Object = {"source": spec.get("source") or {"repoURL": ""}, "destination": spec["destination"]}
    if multi_source(spec):
        compared["sources"] = spec["sources"]
    at: Object = {"revisions": revisions} if multi_source(spec) else {"revision": revisions[0]}
    return {"status": status, "comparedTo": compared} | at


def _summary(found: Comparison) -> Object:
    of_apps = any(key.kind == "Application" for key in [*found.live, *found.targets.objects])
    return ({"images": found.images} if found.images else {}) | ({"isAppOfApps": True} if of_apps else {})


def _types(spec: Object, types: list[str]) -> Object:
    if not types:
        return {}
    return {"sourceTypes": types} if multi_source(spec) else {"sourceType": types[0]}


def _health(before: Object, status: str, now: float) -> Object:
    if before.get("status") == status:
        return before
    return {"status": status, "lastTransitionTime": stamp(now)}


def _conditions(before: list[Object], conditions: Object, now: float) -> list[Object]:
    known = {(one["type"], one["message"]): one["lastTransitionTime"] for one in before}
    return [
        {"type": kind, "message": text, "lastTransitionTime": known.get((kind, text), stamp(now))}
        for kind, text in conditions.items()
    ]


def _tell(state: State, app: Object, before: Object) -> None:
    for what in ("sync", "health"):
        old, new = (before.get(what) or {}).get("status", ""), app["status"][what]["status"]
        if old != new:
            state.add_event(app, "ResourceUpdated", f"Updated {what} status: {old} -> {new}")


def comparison_conditions(found: Comparison) -> Object:
    """The conditions that follow from the comparison alone."""
    return {"ComparisonError": found.targets.error} if found.targets.error else {}


def multi_source(spec: Object) -> bool:
    """Whether the application has `sources`, and so `revisions`."""
    return bool(spec.get("sources"))
