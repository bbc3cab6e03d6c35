"""Request bodies, read as Go's JSON decoder reads them into typed fields."""

from __future__ import annotations

import json
from typing import Any

from liftgate_sandbox.argocd.api.errors import INVALID, ApiError
from liftgate_sandbox.argocd.kube import Object

_TYPES: dict[str, Any] = {"bool": bool, "string": str, "int64": int, "struct": dict, "list": list}
_GO = {bool: "bool", int: "number", float: "number", dict: "object", list: "array", str: "string"}

SYNC = {
    "name": "string", "project": "string", "appNamespace": "string", "revision": "string", "dryRun": "bool",
    "prune": "bool", "strategy": "struct", "resources": "list", "infos": "list", "retryStrategy": "struct",
    "syncOptions": "struct", "revisions": "[]string", "sourcePositions": "[]int64",
}  # fmt: skip
ROLLBACK = {"name": "string", "project": "string", "id": "int64", "dryRun": "bool", "prune": "bool"}


def read(body: bytes, struct: str = "", fields: dict[str, str] | None = None) -> Object:
    """The JSON object of a body ({} for none); unknown fields are ignored, wrong types refused."""
    if not body:
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise ApiError(INVALID, _problem(body, error)) from error
    if not isinstance(value, dict):
        raise ApiError(INVALID, f"json: cannot unmarshal {_GO.get(type(value), 'null')} into Go value of type {struct}")
    for name, kind in (fields or {}).items():
        _check(f"{struct}.{name}", kind, value.get(name))
    return value


def _check(field: str, kind: str, value: Any) -> None:
    if kind.startswith("[]") and isinstance(value, list):
        for item in value:
            _check(field, kind[2:], item)
        return
    wanted = _TYPES[kind.removeprefix("[]") if not kind.startswith("[]") else "list"]
    fits = isinstance(value, wanted) and not (wanted is int and isinstance(value, bool))
    if value is not None and not fits:
        text = f"json: cannot unmarshal {_GO[type(value)]} into Go struct field {field} of type {kind}"
        raise ApiError(INVALID, text)


def _problem(body: bytes, error: ValueError) -> str:
    position = getattr(error, "pos", len(body))
    rest = body.decode(errors="replace")[position:].strip()
    return f"invalid character {rest[0]!r} looking for beginning of value" if rest else "unexpected EOF"
