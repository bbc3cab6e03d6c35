"""What a set says about itself: conditions, the applications it has, its health."""

from __future__ import annotations

from liftgate_sandbox.argocd.kube import Object, stamp

_DONE = "All applications have been generated successfully"
_KINDS = ("ErrorOccurred", "ParametersGenerated", "ResourcesUpToDate")


def written(before: Object, problem: str, reason: str, now: float) -> Object:
    """The conditions and health after a look with that problem ("": none)."""
    old = {(one["type"], one["message"]): one for one in before.get("conditions") or []}
    conditions: list[Object] = []
    for kind, given in zip(_KINDS, _bad(problem, reason) if problem else _good(), strict=True):
        known = old.get((kind, given["message"]), {})
        since = known.get("lastTransitionTime", stamp(now))
        conditions.append({"type": kind, "message": given["message"], "lastTransitionTime": since} | given)
    health = {"status": "Degraded", "message": problem} if problem else {"status": "Healthy", "message": _DONE}
    return before | {"conditions": conditions, "health": health}


def resources(apps: list[Object]) -> Object:
    """The applications of a set as its status lists them."""
    entries = [_entry(app) for app in apps]
    return ({"resources": entries} if entries else {}) | ({"resourcesCount": len(entries)} if entries else {})


def _entry(app: Object) -> Object:
    entry: Object = {"group": "argoproj.io", "version": "v1alpha1", "kind": "Application"}
    entry |= {part: app["metadata"][part] for part in ("namespace", "name")}
    sync = app["status"]["sync"]["status"]
    health = {"status": app["status"]["health"]["status"]} if app["status"]["health"].get("status") else {}
    return entry | ({"status": sync} if sync else {}) | {"health": health}


def _good() -> list[Object]:
    up_to_date = "ApplicationSetUpToDate"
    generated = {"message": "Successfully generated parameters for all Applications", "status": "True"}
    return [
        {"message": _DONE, "status": "False", "reason": up_to_date},
        generated | {"reason": "ParametersGenerated"},
        {"message": _DONE, "status": "True", "reason": up_to_date},
    ]


def _bad(problem: str, reason: str) -> list[Object]:
    missing = {"message": problem, "status": "False", "reason": "ErrorOccurred"}
    return [{"message": problem, "status": "True", "reason": reason}, missing, missing]
