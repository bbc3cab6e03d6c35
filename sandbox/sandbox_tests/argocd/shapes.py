"""What is compared of an answer: its shape, and what it says apart from names, times and numbers."""

from __future__ import annotations

import re
from typing import Any

_VOLATILE = [
    (r"\b[0-9a-f]{40}\b", "<sha>"),
    (r"(http://|dial tcp )127\.0\.0\.1:\d+", r"\1<host>"),
    (r"\bpromo2\b", "promo"),
    (" <api versions removed>", ""),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"at \d{1,2}:\d\d[AP]M", "at <time>"),
    (r"(/dev/shm)/\d+", r"\1/<number>"),
    (r"(environment-config|shop-values)-[a-z0-9]{10} (created|unchanged)", r"\1-<hash> applied"),
    (r"attempt #\d", "attempt #<n>"),
    (r"retried \d times", "retried <n> times"),
    (r"configmap/w (configured|unchanged)", "configmap/w applied"),
    (r"\{\\?\"application.*\}(?=')", "<values>"),
]
_MAPS = ("annotations", "labels", "matchLabels", "data")
"""Objects whose keys are data, not shape."""

_GOING = "Pending deletion"
"""The health message of an object that is being deleted. Milliseconds decide whether it is shown as such already."""

_LEFT_OUT = {"managedFields", "kubectl.kubernetes.io/last-applied-configuration", "helm"}
"""The last one: plain manifests stand in for most charts."""


def plain(text: str) -> str:
    """A message without what differs from run to run."""
    for pattern, replacement in _VOLATILE:
        text = re.sub(pattern, replacement, text)
    return text


def shape(value: Any, name: str = "") -> Any:
    """Keys and types, recursively; a list is the merged shape of its items."""
    if isinstance(value, dict):
        if name in _MAPS:
            return "map"
        kept = {key: item for key, item in value.items() if key not in _LEFT_OUT and not _is_empty_map(key, item)}
        return {key: shape(item, key) for key, item in kept.items() if item != _GOING}
    if isinstance(value, list):
        merged: Any = []
        for item in value:
            merged = [_merge(merged[0], shape(item))] if merged else [shape(item)]
        return merged
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _is_empty_map(name: str, value: Any) -> bool:
    return name in _MAPS and not value.keys() - _LEFT_OUT


def _merge(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: _merge(one[key], other[key]) for key in one.keys() & other.keys()}
        return one | other | both
    return one


def said(body: Any) -> Any:
    """Of an application or a set: its state in words. Of an error and of windows: all. Of anything else: nothing."""
    if not isinstance(body, dict):
        return plain(body) if isinstance(body, str) else None
    if "error" in body:
        return {key: plain(value) if isinstance(value, str) else value for key, value in body.items()}
    if "canSync" in body:
        return {"canSync": body["canSync"]} | {name: _windows(body[name]) for name in body.keys() - {"canSync"}}
    status = body.get("status", {})
    if "sync" not in status:
        told = [(*(one[name] for name in ("type", "status", "reason")), plain(one["message"])) for one in _told(status)]
        return [*told, plain(str(status["health"]))] if told else None
    state = status.get("operationState") or {}
    lines = (state.get("syncResult") or {}).get("resources") or []
    return {
        "sync": status["sync"]["status"],
        "health": status["health"].get("status"),
        "conditions": [(one["type"], plain(one["message"])) for one in status.get("conditions") or []],
        "resources": {_resource(one) for one in status.get("resources") or []},
        "phase": state.get("phase"),
        "message": plain(state.get("message", "")),
        "lines": {_line(one) for one in lines},
    }


def _told(status: Any) -> Any:
    return status.get("conditions") or []


def _windows(windows: Any) -> Any:
    return [one | {"schedule": "<schedule>"} for one in windows]


def _resource(entry: Any) -> tuple[str, ...]:
    health = entry.get("health") or {}
    said = health.get("message", "").replace(_GOING, "")
    words = (entry["kind"], entry.get("status", ""), health.get("status", ""), said)
    return (*words, *(flag for flag in ("hook", "requiresPruning") if entry.get(flag)))


def _line(entry: Any) -> tuple[str, ...]:
    words = (entry.get(name, "") for name in ("kind", "status", "message", "hookPhase", "hookType", "syncPhase"))
    return tuple(plain(word) for word in words)
