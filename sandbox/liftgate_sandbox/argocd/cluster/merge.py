"""Three-way apply: what the manifest says wins, what it no longer says goes, what others set stays."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.argocd.kube import copied

_MERGE_KEYS = ("name", "mountPath", "containerPort", "port")


def three_way(before: Any, target: Any, live: Any) -> Any:
    """`live` after applying `target`, where `before` is the manifest that was applied last (or None)."""
    if isinstance(target, dict) and isinstance(live, dict):
        return _objects(before if isinstance(before, dict) else {}, target, live)
    if isinstance(target, list) and isinstance(live, list):
        return _lists(before if isinstance(before, list) else [], target, live)
    return copied(target)


def _objects(before: dict[str, Any], target: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in live.items() if name in target or name not in before}
    merged = {name: value if name in target else copied(value) for name, value in kept.items()}
    for name, value in target.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = three_way(before.get(name), value, live.get(name))
    return merged


def _lists(before: list[Any], target: list[Any], live: list[Any]) -> list[Any]:
    key = _merge_key(target, live)
    if not key:
        return copied(target)
    old = {item[key]: item for item in before if isinstance(item, dict) and key in item}
    now = {item[key]: item for item in live}
    wanted = {item[key] for item in target}
    merged = [three_way(old.get(item[key]), item, now.get(item[key])) for item in target]
    # Like a strategic merge patch: an element that somebody else added stays.
    added = [item for name, item in now.items() if name not in wanted and name not in old]
    return merged + copied(added)


def _merge_key(target: list[Any], live: list[Any]) -> str:
    items = [*target, *live]
    for key in _MERGE_KEYS:
        if items and all(isinstance(item, dict) and key in item for item in items):
            return key
    return ""
