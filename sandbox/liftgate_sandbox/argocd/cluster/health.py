"""The health of an object, in Argo CD's words; None for kinds that have no health."""

from __future__ import annotations

from collections.abc import Callable

from liftgate_sandbox.argocd.kube import Object

WORSE = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded", "Unknown"]


def health_of(obj: Object) -> Object | None:
    """`{"status": ..., "message"?: ...}`."""
    if obj["metadata"].get("deletionTimestamp"):
        return {"status": "Progressing", "message": "Pending deletion"}
    check = _CHECKS.get(obj["kind"])
    return check(obj) if check else None


def _deployment(obj: Object) -> Object:
    spec, status = obj["spec"], obj.get("status") or {}
    if spec.get("paused"):
        return {"status": "Suspended", "message": "Deployment is paused"}
    if obj["metadata"]["generation"] > status.get("observedGeneration", 0):
        text = "observed deployment generation less than desired generation"
        return {"status": "Progressing", "message": f"Waiting for rollout to finish: {text}"}
    if any(one.get("reason") == "ProgressDeadlineExceeded" for one in status.get("conditions", [])):
        name = obj["metadata"]["name"]
        return {"status": "Degraded", "message": f'Deployment "{name}" exceeded its progress deadline'}
    waiting = _rollout(spec.get("replicas", 1), status)
    if waiting:
        return {"status": "Progressing", "message": f"Waiting for rollout to finish: {waiting}..."}
    return {"status": "Healthy"}


def _rollout(wanted: int, status: Object) -> str:
    updated, total = status.get("updatedReplicas", 0), status.get("replicas", 0)
    if updated < wanted:
        return f"{updated} out of {wanted} new replicas have been updated"
    if total > updated:
        return f"{total - updated} old replicas are pending termination"
    available = status.get("availableReplicas", 0)
    return f"{available} of {updated} updated replicas are available" if available < updated else ""


def _replica_set(obj: Object) -> Object:
    wanted, available = obj["spec"].get("replicas", 1), (obj.get("status") or {}).get("availableReplicas", 0)
    if available < wanted:
        text = f"{available} out of {wanted} new replicas are available"
        return {"status": "Progressing", "message": f"Waiting for rollout to finish: {text}..."}
    return {"status": "Healthy"}


def _pod(obj: Object) -> Object:
    status = obj.get("status") or {}
    if status.get("phase") == "Failed":
        return {"status": "Degraded", "message": status.get("message", "")}
    if status.get("phase") == "Succeeded":
        return {"status": "Healthy"}
    for one in status.get("containerStatuses") or []:
        return {"status": "Degraded", "message": one["state"]["waiting"]["message"]}
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in status.get("conditions", []))
    return {"status": "Healthy" if ready else "Progressing"}


def _job(obj: Object) -> Object:
    for condition in (obj.get("status") or {}).get("conditions", []):
        if condition["status"] == "True" and condition["type"] == "Failed":
            return {"status": "Degraded", "message": condition["message"]}
        if condition["status"] == "True" and condition["type"] == "Complete":
            return {"status": "Healthy", "message": condition["message"]}
    return {"status": "Progressing"}


def _healthy(_: Object) -> Object:
    return {"status": "Healthy"}


def _application(obj: Object) -> Object | None:
    if "status" not in obj:
        return None
    known = {name: obj["status"]["health"][name] for name in ("status", "message") if obj["status"]["health"].get(name)}
    return {"status": "Progressing"} | known


_CHECKS: dict[str, Callable[[Object], Object | None]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "Pod": _pod,
    "Job": _job,
    "Application": _application,
    "Service": _healthy,
    "Ingress": _healthy,
    "PersistentVolumeClaim": _healthy,
    "StatefulSet": _healthy,
    "DaemonSet": _healthy,
}
