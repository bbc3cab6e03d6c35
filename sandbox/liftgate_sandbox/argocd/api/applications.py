"""Applications: get with its blocking refresh, list, create, change and delete."""

from __future__ import annotations

import asyncio
import json

from liftgate_sandbox.argocd import applications
from liftgate_sandbox.argocd.api.context import Answer, Call, locked, sent
from liftgate_sandbox.argocd.api.errors import INVALID, ApiError
from liftgate_sandbox.argocd.api.fields import mask_list
from liftgate_sandbox.argocd.api.selectors import selected
from liftgate_sandbox.argocd.api.specs import check_project, existing, normalized, validate
from liftgate_sandbox.argocd.cluster.objects import merge_patch
from liftgate_sandbox.argocd.kube import HYDRATE, REFRESH, Object, annotations_of, copied
from liftgate_sandbox.argocd.state import State

_LOOK_EVERY = 0.01


async def get(call: Call) -> Answer:
    """`GET /applications/{name}`; with `refresh` it returns when the controller has looked, however long."""
    if "refresh" in call.request.query_params:
        with call.state.lock:
            _ask_refresh(call, call.application(), "hard" if call.query("refresh") == "hard" else "normal")
        await _refreshed(call)
    with call.state.lock:
        return sent(with_health(call, call.application()))


async def _refreshed(call: Call) -> None:
    waiting = True
    while waiting:
        await asyncio.sleep(_LOOK_EVERY)
        with call.state.lock:
            waiting = REFRESH in annotations_of(call.seen())


def _ask_refresh(call: Call, app: Object, kind: str) -> None:
    state, name = call.state, app["metadata"]["name"]
    if annotations_of(app).get(REFRESH) == kind:
        return
    work = state.work.setdefault(name, {})
    if call.controller.faults.take("drop-refresh", name):
        work["stuck"] = kind
    elif work.get("stuck") != kind:
        work.pop("stuck", None)
    app["metadata"].setdefault("annotations", {}).update({HYDRATE: kind, REFRESH: kind})
    state.put_application(app)


def with_health(call: Call, app: Object) -> Object:
    """The application as a single one is shown: each resource with the health of its node in the tree."""
    found = call.controller.refreshes.found.get(app["metadata"]["name"])
    nodes = {(one.get("group"), one["kind"], one["name"]): one for one in (found.nodes if found else [])}
    for entry in app["status"].get("resources") or []:
        node = nodes.get((entry.get("group"), entry["kind"], entry["name"]), {})
        if "health" in node:
            entry["health"] = node["health"]
    return app


@locked
def list_all(call: Call) -> Object:
    """`GET /applications`."""
    apps = [copied(app) for app in selected(call)]
    answer = {"metadata": {"resourceVersion": str(call.state.version)}, "items": apps or None}
    return mask_list(answer, call.query("fields")) if call.query("fields") else answer


def create(call: Call) -> Object:
    """`POST /applications`: rendered once before it is accepted, unless `validate=false`."""
    with call.state.lock:
        app = normalized(call.body)
        call.demand("create", app)
        check_project(call.state, app)
    if call.query("validate", "true") != "false":
        validate(call, app)
    with call.state.lock:
        name = app["metadata"]["name"]
        before = call.state.applications.get(name)
        if before is not None:
            return existing(call, before, app)
        return applications.create(call.state, app["metadata"], app["spec"])


@locked
def delete(call: Call) -> Object:
    """`DELETE /applications/{name}`: with all its resources, unless `cascade=false`."""
    app = call.application()
    call.demand("delete", app)
    applications.ask_to_go(call.state, call.name, cascade=call.query("cascade", "true") != "false")
    return {}


@locked
def patch(call: Call) -> Object:
    """`PATCH /applications/{name}`: a merge patch in a string."""
    app = call.application()
    call.demand("update", app)
    if call.body.get("patchType", "merge") != "merge":
        raise ApiError(INVALID, f"Patch type '{call.body['patchType']}' is not supported")
    try:
        changes = json.loads(call.body.get("patch") or "{}")
    except ValueError as error:
        raise ApiError(INVALID, f"Invalid JSON Document: {error}") from error
    return store(call.state, app, merge_patch(copied(app), changes))


@locked
def put_spec(call: Call) -> Object:
    """`PUT /applications/{name}/spec`."""
    app = call.application()
    call.demand("update", app)
    spec = {name: value for name, value in call.body.items() if name != "name"}
    return dict(store(call.state, app, app | {"spec": spec})["spec"])


def store(state: State, before: Object, changed: Object) -> Object:
    """Keep spec, labels and annotations of a changed application, and look at it afresh."""
    app = copied(before)
    app["spec"] = normalized(changed)["spec"]
    for part in ("labels", "annotations", "finalizers"):
        if changed["metadata"].get(part):
            app["metadata"][part] = changed["metadata"][part]
        else:
            app["metadata"].pop(part, None)
    state.put_application(app)
    return app
