"""A JSON Schema that all given values fit: types of every key, and which keys every file has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from liftgate.domain.common.value import Json

_DEEPEST: Final = 12
"""Levels that are described; deeper values may be anything."""
_WIDEST: Final = 200
"""Keys of one object that are described one by one."""
_TYPES: Final = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def infer_schema(values: Sequence[Json], title: str) -> dict[str, Any]:
    """Says nothing of texts and numbers beyond their type: anything more would be a guess."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return head | _schema(list(values), _DEEPEST)


def _schema(values: list[Json], deeper: int) -> dict[str, Any]:
    types = {"null" if value is None else _TYPES[type(value)] for value in values}
    if "number" in types:
        types.discard("integer")
    if not types or not deeper:
        return {}
    named = sorted(types)
    found: dict[str, Any] = {"type": named[0] if len(named) == 1 else named}
    objects = [value for value in values if isinstance(value, dict)]
    elements = [element for value in values if isinstance(value, list) for element in value]
    found |= _object(objects, deeper) if objects else {}
    return found | ({"items": _schema(elements, deeper - 1)} if elements else {})


def _object(objects: list[dict[str, Json]], deeper: int) -> dict[str, Any]:
    keys = list(dict.fromkeys(key for each in objects for key in each))
    if not keys or len(keys) > _WIDEST:
        return {}
    required = [key for key in keys if all(key in each for each in objects)]
    below = {key: _schema([each[key] for each in objects if key in each], deeper - 1) for key in keys}
    return ({"required": required} if required else {}) | {"properties": below}
