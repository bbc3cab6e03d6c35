"""Field masks: the list knows certain names, the stream any path."""

from __future__ import annotations

import copy
from typing import Any

from liftgate.sandbox.argocd.kube import Object

_LISTED = {
    "metadata.name", "metadata.namespace", "metadata.annotations", "metadata.labels",
    "metadata.creationTimestamp", "metadata.deletionTimestamp", "spec", "status.sourceHydrator",
    "status.sync.status", "status.health", "status.summary", "status.resources", "operation.sync",
    "status.operationState.startedAt", "status.operationState.finishedAt", "status.operationState.phase",
    "status.operationState.operation.sync",
}  # fmt: skip


def mask_list(answer: Object, fields: str) -> Object:
    """The list with only the named fields, or without those of a mask that starts with `-`."""
    if fields.startswith("-"):
        return dict(without(answer, fields[1:].split(",")))
    names = fields.split(",")
    wanted = [name.removeprefix("items.") for name in names if name.startswith("items.")]
    kept = [name for name in wanted if name in _LISTED]
    masked: Object = {"items": [only(_as_listed(app), kept) for app in answer["items"]]}
    return masked | only(answer, [name for name in names if name.startswith("metadata")])


def _as_listed(app: Object) -> Object:
    """A mistake of Argo CD's list: where it says what was asked for, it shows what came of it."""
    state = app["status"].get("operationState") or {}
    if "syncResult" not in state:
        return app
    shown = state | {"operation": {"sync": state["syncResult"]}}
    return app | {"status": app["status"] | {"operationState": shown}}


def only(value: Object, paths: list[str]) -> Object:
    """The parts of `value` at or below the dotted paths."""
    found: Object = {}
    for path in paths:
        _copy(value, found, path.split("."))
    return found


def without(value: Any, paths: list[str]) -> Any:
    """A copy of `value` without the parts at the dotted paths."""
    value = copy.deepcopy(value)
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
