"""What can be read about one application: manifests, resources, tree, commits, events, windows, logs."""

from __future__ import annotations

import json
from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from liftgate_sandbox.argocd.api.context import Call, locked
from liftgate_sandbox.argocd.api.errors import INTERNAL, INVALID, UNKNOWN, ApiError
from liftgate_sandbox.argocd.cluster.objects import applied
from liftgate_sandbox.argocd.compare import Comparison, is_modified
from liftgate_sandbox.argocd.kube import Key, Object, compact, stamp
from liftgate_sandbox.argocd.render.directory import RenderError
from liftgate_sandbox.argocd.repository import GitError
from liftgate_sandbox.argocd.sources import sources_of
from liftgate_sandbox.argocd.status import multi_source
from liftgate_sandbox.argocd.windows import active, assigned, can_sync


def manifests(call: Call) -> Object:
    """`GET .../manifests?revision=`: any commit, rendered without a sync; Secrets with stars."""
    app = call.application()
    sources, spec = call.controller.sources, app["spec"]
    known = call.controller.timings.poll
    try:
        several = range(len(sources_of(spec)))
        # A branch that was pushed since the last look at the repository is not known yet.
        found_at = [
            sources.at(app, number, _wanted(call, number, several=multi_source(spec)), known) for number in several
        ]
        rendered = [sources.manifests(app, number, found_at) for number in several]
        found = [compact(_masked(one)) for each in rendered for one in each.manifests]
    except (GitError, RenderError) as error:
        raise ApiError(UNKNOWN, str(error)) from error
    return {"manifests": found} if found else {}


def _wanted(call: Call, number: int, *, several: bool) -> str:
    # With several sources `revision` is ignored without a word.
    if not several:
        return call.query("revision")
    query = call.request.query_params
    asked = dict(zip(query.getlist("sourcePositions"), query.getlist("revisions"), strict=False))
    return asked.get(str(number + 1), "")


@locked
def managed_resources(call: Call) -> Object:
    """`GET .../managed-resources`: target and live of each resource, as of the last comparison."""
    found = _found(call)
    wanted = {name: call.query(name) for name in ("kind", "name", "namespace", "group") if call.query(name)}
    items = [_managed(key, found) for key in sorted({*found.targets.objects, *found.live})]
    return {"items": [one for one in items if wanted.items() <= one.items()]}


def _found(call: Call) -> Comparison:
    call.application()
    found = call.controller.refreshes.found.get(call.name)
    if found is None:
        raise ApiError(UNKNOWN, "error getting cached app managed resources: cache: key is missing")
    return found


def _managed(key: Key, found: Comparison) -> Object:
    target, live = found.targets.objects.get(key), found.live.get(key)
    item: Object = {"group": key.group} if key.group else {}
    item |= {"kind": key.kind, "namespace": key.namespace, "name": key.name}
    predicted = applied(target, live) if target and live else live or target
    item["targetState"] = compact(target) if target else "null"
    item["liveState"] = compact(_masked(live)) if live else "null"
    item["normalizedLiveState"] = compact(_masked(live)) if live else "null"
    item["predictedLiveState"] = compact(_masked(predicted))
    if live:
        item["resourceVersion"] = live["metadata"]["resourceVersion"]
    if target is None or live is None or is_modified(target, live):
        item["modified"] = True
    return item


def _masked(obj: Object | None) -> Object | None:
    if obj is None or obj["kind"] != "Secret":
        return obj
    return obj | {part: dict.fromkeys(obj[part] or {}, "++++++++") for part in ("data", "stringData") if part in obj}


@locked
def server_side_diff(call: Call) -> Object:
    """`GET .../server-side-diff`: a query cannot say what is live, so there is never a pair to compare."""
    call.application()
    if call.query("liveResources"):
        raise ApiError(INVALID, "unsupported field type *v1alpha1.ResourceDiff")
    if call.query("targetManifests"):
        raise ApiError(INTERNAL, "runtime error: index out of range [0] with length 0")
    return {"modified": False}


@locked
def resource_tree(call: Call) -> Object:
    """`GET .../resource-tree`."""
    nodes = _found(call).nodes
    return {"nodes": nodes} if nodes else {}


def revision_metadata(call: Call) -> Object:
    """`GET .../revisions/{revision}/metadata`."""
    app = call.application()
    url = sources_of(app["spec"])[0]["repoURL"]
    try:
        return call.controller.sources.repository(url, call.name).metadata(call.request.path_params["revision"])
    except GitError as error:
        raise ApiError(UNKNOWN, f"error acquiring repo lock: {error}") from error


@locked
def events(call: Call) -> Object:
    """`GET .../events`."""
    uid = call.application()["metadata"]["uid"]
    if call.query("resourceUID"):
        return _of_resource(call, call.query("resourceUID"))
    about = [one for one in call.state.events if one["involvedObject"]["uid"] == uid]
    return {"metadata": {"resourceVersion": str(call.state.version)}, "items": about or None}


def _of_resource(call: Call, uid: str) -> Object:
    """Of one object in the application's tree; what has events here is a pod whose probe fails."""
    node = next((one for one in _found(call).nodes if one.get("uid") == uid), None)
    if node is None:
        name = f"{call.query('resourceNamespace')}/{call.query('resourceName')}"
        raise ApiError(INVALID, f"{name} not found as part of application {call.name}")
    failed = call.state.pods.get(uid, {}).get("probe_failed")
    return {"metadata": {}, "items": [_probe_event(node, failed)] if failed else None}


def _probe_event(pod: Object, since: float) -> Object:
    about = {field: pod[field] for field in ("kind", "namespace", "name", "uid")}
    times = {"firstTimestamp": stamp(since), "lastTimestamp": stamp(since), "count": 1, "eventTime": None}
    said = {"reason": "Unhealthy", "message": "Readiness probe failed: HTTP probe failed with statuscode: 503"}
    return {"involvedObject": about, "source": {"component": "kubelet"}, "type": "Warning"} | said | times


@locked
def sync_windows(call: Call) -> Object:
    """`GET .../syncwindows`: the windows, and whether a manual sync may start."""
    app = call.application()
    windows = assigned(call.state.projects[app["spec"]["project"]], app)
    now = call.state.clock()
    answer: Object = {"activeWindows": [_window(one) for one in active(windows, now)]}
    answer["assignedWindows"] = [_window(one) for one in windows]
    shown = {name: value for name, value in answer.items() if value}
    return shown | {"canSync": can_sync(windows, now, manual=True)}


def _window(window: Object) -> Object:
    shown = {name: window[name] for name in ("kind", "schedule", "duration")}
    return shown | {"manualSync": bool(window.get("manualSync"))}


@locked
def logs(call: Call) -> Response:
    """`GET .../logs`: one JSON object a line, the last one says so."""
    app = call.application()
    call.demand("get", app, "logs")
    namespace = call.query("namespace") or app["spec"]["destination"].get("namespace", "")
    pod = call.request.path_params.get("pod") or call.query("podName")
    lines = call.controller.cluster.lines(namespace, pod)
    tail = int(call.query("tailLines") or 0)
    return StreamingResponse(_log_lines(lines[-tail:] if tail else lines), media_type="application/json")


def _log_lines(lines: list[tuple[float, str, str]]) -> Iterator[str]:
    for at, pod, content in lines:
        when = stamp(at)
        entry = {"content": content, "timeStamp": when, "last": False, "timeStampStr": when, "podName": pod}
        yield json.dumps({"result": entry}) + "\n"
    yield (json.dumps({"result": {"content": "", "last": True, "timeStampStr": stamp(0), "podName": ""}}) + "\n")
