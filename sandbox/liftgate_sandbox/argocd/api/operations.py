"""Sync, rollback and terminate."""

from __future__ import annotations

from liftgate_sandbox.argocd.api.context import Call, locked
from liftgate_sandbox.argocd.api.errors import DENIED, INTERNAL, INVALID, PRECONDITION, UNKNOWN, ApiError
from liftgate_sandbox.argocd.applications import is_going
from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.repository import GitError
from liftgate_sandbox.argocd.sources import sources_of
from liftgate_sandbox.argocd.status import multi_source
from liftgate_sandbox.argocd.windows import assigned, can_sync

_BUSY = "another operation is already in progress"


def sync(call: Call) -> Object:
    """`POST /applications/{name}/sync`: the application with its new operation."""
    with call.state.lock:
        app = call.application()
        call.demand("sync", app)
        _check_window(call, app)
    revisions = _revisions(call, app)
    with call.state.lock:
        return _start(call, _sync_operation(call, app, revisions), revisions)


def _check_window(call: Call, app: Object) -> None:
    project = call.state.projects[app["spec"]["project"]]
    if not can_sync(assigned(project, app), call.state.clock(), manual=True):
        raise ApiError(DENIED, "cannot sync: blocked by sync window")


def _revisions(call: Call, app: Object) -> list[str]:
    """The revision of each source: the one asked for, or where the source points now."""
    sources, body = sources_of(app["spec"]), call.body
    asked = {0: str(body.get("revision") or "")}
    if multi_source(app["spec"]):
        asked = _asked(body.get("revisions") or [], body.get("sourcePositions") or [], len(sources))
    if not body.get("dryRun"):
        _check_pinned(app, sources, asked)
    found = []
    for number, source in enumerate(sources):
        try:
            found.append(call.controller.sources.resolve(source, asked.get(number, ""), call.name))
        except GitError as error:
            text = f"error resolving repo revision: rpc error: code = {error.code} desc = {error}"
            raise ApiError(PRECONDITION, text) from error
    return found


def _asked(revisions: list[str], positions: list[int], count: int) -> dict[int, str]:
    asked = {}
    for index, position in enumerate(positions):
        if not 1 <= position <= count:
            raise ApiError(UNKNOWN, "source position is out of range")
        if index >= len(revisions):
            problem = f"index out of range [{index}] with length {len(revisions)}"
            raise ApiError(INTERNAL, f"runtime error: {problem}")
        asked[position - 1] = revisions[index]
    return asked


def _check_pinned(app: Object, sources: list[Object], asked: dict[int, str]) -> None:
    if (app["spec"].get("syncPolicy") or {}).get("automated") is None:
        return
    for number, revision in asked.items():
        pinned = sources[number].get("targetRevision", "")
        if revision and revision != pinned:
            raise ApiError(PRECONDITION, f"Cannot sync to {revision}: auto-sync currently set to {pinned}")


def _sync_operation(call: Call, app: Object, revisions: list[str]) -> Object:
    body, policy = call.body, app["spec"].get("syncPolicy") or {}
    sync = _what(app["spec"], revisions)
    for flag in ("prune", "dryRun"):
        if body.get(flag):
            sync[flag] = True
    if body.get("resources"):
        sync["resources"] = [{name: value for name, value in one.items() if value} for one in body["resources"]]
    if body.get("strategy"):
        sync["syncStrategy"] = body["strategy"]
    options = (body.get("syncOptions") or {}).get("items") or policy.get("syncOptions")
    if options:
        sync["syncOptions"] = options
    operation: Object = {"sync": sync, "initiatedBy": {"username": call.caller.username}}
    if body.get("infos"):
        operation["info"] = body["infos"]
    return operation | {"retry": body.get("retryStrategy") or policy.get("retry") or {}}


def _what(spec: Object, revisions: list[str]) -> Object:
    if multi_source(spec):
        return {"sources": spec["sources"], "revisions": revisions}
    return {"revision": revisions[0], "source": spec["source"]}


def _start(call: Call, operation: Object, revisions: list[str]) -> Object:
    app = call.application()
    if is_going(app):
        raise ApiError(PRECONDITION, "application is deleting")
    if "operation" in app:
        raise ApiError(PRECONDITION, _BUSY)
    app["operation"] = operation
    app["status"].pop("operationState", None)
    call.state.put_application(app)
    kind = "partial sync" if operation["sync"].get("resources") else "sync"
    at = ", ".join(revisions)
    call.state.add_event(
        app, "OperationStarted", f"{call.caller.username} initiated {kind} to {at}", call.caller.username
    )
    return app


@locked
def rollback(call: Call) -> Object:
    """`POST /applications/{name}/rollback`: sync windows are not looked at here."""
    app = call.application()
    call.demand("sync", app)
    if (app["spec"].get("syncPolicy") or {}).get("automated") is not None:
        raise ApiError(PRECONDITION, "rollback cannot be initiated when auto-sync is enabled")
    wanted = call.body.get("id", 0)
    entry = next((one for one in app["status"].get("history") or [] if one["id"] == wanted), None)
    if entry is None:
        text = f"application argocd/{call.name} does not have deployment with id {wanted}"
        raise ApiError(INVALID, text)
    parts = ("revision", "revisions", "sources") if "sources" in entry else ("revision", "source")
    sync = {name: entry[name] for name in parts if name in entry} | {"syncStrategy": {"apply": {}}}
    sync |= {flag: True for flag in ("prune", "dryRun") if call.body.get(flag)}
    operation = {"sync": sync, "initiatedBy": {"username": call.caller.username}, "retry": {}}
    return _start(call, operation, entry.get("revisions") or [entry["revision"]])


@locked
def terminate(call: Call) -> Object:
    """`DELETE /applications/{name}/operation`."""
    app = call.application()
    call.demand("sync", app)
    state = app["status"].get("operationState")
    if "operation" not in app or state is None:
        raise ApiError(INVALID, "Unable to terminate operation. No operation is in progress")
    state["phase"] = "Terminating"
    call.state.put_application(app)
    return {}
