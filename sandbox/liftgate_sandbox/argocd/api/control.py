"""`/sandbox/...`: faults, drift and sync windows, for whoever runs the sandbox."""

from __future__ import annotations

from liftgate_sandbox.argocd.api.context import Call, locked
from liftgate_sandbox.argocd.api.errors import INVALID, NOT_FOUND, ApiError
from liftgate_sandbox.argocd.kube import Key, Object


def faults(call: Call) -> Object:
    """GET: what is in force. POST: one more. DELETE: none any more."""
    if call.request.method == "POST":
        try:
            call.controller.faults.add(call.body)
        except ValueError as error:
            raise ApiError(INVALID, str(error)) from error
    if call.request.method == "DELETE":
        call.controller.faults.clear()
    call.state.wake.set()
    return {"faults": call.controller.faults.all()}


@locked
def drift(call: Call) -> Object:
    """Change a live object by a merge `patch`, or delete it: what somebody with kubectl does."""
    body = call.body
    key = Key(*(str(body.get(part, "")) for part in ("group", "kind", "namespace", "name")))
    objects = call.controller.cluster.objects
    done = objects.delete(key) if body.get("delete") else objects.change(key, body.get("patch") or {}) is not None
    if not done:
        raise ApiError(NOT_FOUND, f"no live object {key.kind} {key.namespace}/{key.name}")
    return {"changed": str(key)}


@locked
def set_windows(call: Call) -> Object:
    """Set the sync windows of a project, as its specification names them."""
    project = call.state.projects.get(str(call.body.get("project", "")))
    if project is None:
        raise ApiError(NOT_FOUND, f"no project {call.body.get('project')}")
    windows = call.body.get("windows") or []
    project["spec"].pop("syncWindows", None)
    project["spec"] |= {"syncWindows": windows} if windows else {}
    project["metadata"]["resourceVersion"] = call.state.next_version()
    return {"windows": windows}
