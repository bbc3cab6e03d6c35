"""Field masks: the list knows certain names, the stream any path."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.argocd.kube import Object, copied

_LACKED: Object = dict.fromkeys((
    "metadata.annotations", "metadata.labels", "metadata.deletionTimestamp",
    "spec.source", "spec.sources", "spec.sourceHydrator", "spec.syncPolicy",
    "operation.sync", "status.operationState.finishedAt", "status.operationState.operation.sync",
)) | {
    "status.sync.status": "", "status.sync.revision": "",
    "status.health": {}, "status.summary": {}, "status.sourceHydrator": {},
}  # fmt: skip
"""What the list shows of a field that an application lacks: null, or what is empty; of other fields nothing."""
_LISTED = (
    *_LACKED, "metadata.name", "metadata.namespace", "metadata.creationTimestamp", "spec", "spec.destination",
    "spec.project", "status.resources", "status.operationState.startedAt", "status.operationState.phase",
)  # fmt: skip
_POINTERS = ("operation", "operationState")
"""Without these there is nothing to show of what is inside."""


def mask_list(answer: Object, fields: str) -> Object:
    """The list with only the named fields, or with every one but those of a mask that starts with `-`.

    A name that the list does not know is passed over in silence.
    """
    excludes, named = fields.startswith("-"), fields.removeprefix("-").split(",")
    chosen = [name for name in _LISTED if (f"items.{name}" in named) != excludes]
    if "spec" in chosen:
        chosen = [name for name in chosen if not name.startswith("spec.")]
    items = [_listed(_as_listed(app), chosen) for app in answer["items"] or []]
    return {"items": items or None, "metadata": answer["metadata"]}


def _listed(app: Object, chosen: list[str]) -> Object:
    shown: Object = {}
    for name in chosen:
        *above, last = name.split(".")
        holder = _inside(app, above)
        if holder is None or (last not in holder and name not in _LACKED):
            continue
        into = shown
        for part in above:
            into = into.setdefault(part, {})
        into[last] = holder.get(last, _LACKED.get(name))
    return shown


def _inside(app: Object, path: list[str]) -> Object | None:
    found: Object | None = app
    for part in path:
        found = found.get(part, None if part in _POINTERS else {}) if found is not None else None
    return found


def _as_listed(app: Object) -> Object:
    """A mistake of Argo CD's list: where it says what was asked for, it shows what came of it."""
    state = app["status"].get("operationState")
    if state is None:
        return app
    shown = state | {"operation": {"sync": state.get("syncResult")}}
    return app | {"status": app["status"] | {"operationState": shown}}


def only(value: Object, paths: list[str]) -> Object:
    """The parts of `value` at or below the dotted paths."""
    found: Object = {}
    for path in paths:
        _copy(value, found, path.split("."))
    return found


def without(value: Any, paths: list[str]) -> Any:
    """A copy of `value` without the parts at the dotted paths."""
    value = copied(value)
    for path in paths:
        _drop(value, path.split("."))
    return value


def _copy(source: Object, into: Object, path: list[str]) -> None:
    name, rest = path[0], path[1:]
    if name not in source:
        return
    if not rest:
        into[name] = source[name]
    elif isinstance(source[name], dict):
        _copy(source[name], into.setdefault(name, {}), rest)
        if not into[name]:
            del into[name]


def _drop(value: Any, path: list[str]) -> None:
    if isinstance(value, list):
        for item in value:
            _drop(item, path)
    elif isinstance(value, dict) and len(path) == 1:
        value.pop(path[0], None)
    elif isinstance(value, dict):
        _drop(value.get(path[0]), path[1:])
