"""Whether a value fits a JSON Schema of plain keywords, without jsonschema: its import takes longer than such a check.

Only "it fits" is an answer. Whether anything else is wrong, and what, jsonschema says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from types import UnionType
from typing import Any, Final

from liftgate.domain.common.value import Json
from liftgate.steps.patterns import found

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ID: Final = re.compile(r"[a-z]{2,10}:[A-Za-z0-9/._:-]{1,200}")
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
_Check = Callable[[Any], bool]
"""Whether a value certainly fits."""


def certainly_fits(schema: bytes, value: Json) -> bool:
    """False also where it is not known; `schema` is JSON."""
    check = _check_of(schema)
    return check is not None and check(value)


@lru_cache(maxsize=64)
def _check_of(schema: bytes) -> _Check | None:
    """None for a schema that has other keywords, or that may be wrong."""
    read = json.loads(schema)
    if not isinstance(read, dict):
        return None
    own = {key: wanted for key, wanted in read.items() if key not in ("$schema", "$id")}
    identity = read.get("$id", "urn:x")
    is_named = isinstance(identity, str) and _ID.fullmatch(identity) is not None
    is_simple = read.get("$schema", _DIALECT) == _DIALECT and is_named and _is_simple(own)
    return _compiled(own) if is_simple else None


def _is_simple(schema: Json) -> bool:
    if not isinstance(schema, dict):
        return False
    return all(key.startswith("x-") or (key in _SOUND and _SOUND[key](wanted)) for key, wanted in schema.items())


def _compiled(schema: dict[str, Any]) -> _Check:
    checks = [_CHECKS[key](wanted, schema) for key, wanted in schema.items() if key in _CHECKS]
    return checks[0] if len(checks) == 1 else lambda value: all(check(value) for check in checks)


def _is_text(wanted: Json) -> bool:
    return isinstance(wanted, str)


def _is_number(wanted: Json) -> bool:
    return type(wanted) in (int, float)


def _is_count(wanted: Json) -> bool:
    return type(wanted) is int and wanted >= 0


def _are_names(wanted: Json) -> bool:
    return isinstance(wanted, list) and all(map(_is_text, wanted)) and len({*wanted}) == len(wanted)


def _are_types(wanted: Json) -> bool:
    return (
        wanted in _TYPES if isinstance(wanted, str) else bool(wanted) and _are_names(wanted) and {*wanted} <= {*_TYPES}
    )


def _is_pattern(wanted: Json) -> bool:
    try:
        return isinstance(wanted, str) and bool(re.compile(wanted))
    except re.error:
        return False


def _is_scalar(wanted: Json) -> bool:
    return not isinstance(wanted, dict | list)


_SOUND: Final[dict[str, Callable[[Json], bool]]] = {
    **dict.fromkeys(("title", "description", "$comment"), _is_text),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    **dict.fromkeys(("minimum", "maximum"), _is_number),
    "additionalProperties": lambda wanted: isinstance(wanted, bool),
    "const": _is_scalar,
    "default": lambda _: True,
    "enum": lambda wanted: isinstance(wanted, list) and all(map(_is_scalar, wanted)),
    "examples": lambda wanted: isinstance(wanted, list),
    "items": _is_simple,
    "pattern": _is_pattern,
    "properties": lambda wanted: isinstance(wanted, dict) and all(map(_is_simple, wanted.values())),
    "required": _are_names,
    "type": _are_types,
}
"""The keywords, and whether what stands under each is as JSON Schema wants it."""


def _has_type(wanted: str | list[str], _schema: Any) -> _Check:
    """By Python's own types, of which a boolean is no number."""
    kinds = {kind for name in ([wanted] if isinstance(wanted, str) else wanted) for kind in _TYPES[name]}
    return lambda value: type(value) in kinds


def _properties(wanted: dict[str, Any], _schema: Any) -> _Check:
    below = [(key, _compiled(each)) for key, each in wanted.items()]

    def check(value: Json) -> bool:
        return not isinstance(value, dict) or all(fits(value[key]) for key, fits in below if key in value)

    return check


def _items(wanted: dict[str, Any], _schema: Any) -> _Check:
    fits = _compiled(wanted)
    return lambda value: not isinstance(value, list) or all(map(fits, value))


def _additional(wanted: bool, schema: dict[str, Any]) -> _Check:
    known = schema.get("properties", {}).keys()
    return lambda value: wanted or not isinstance(value, dict) or value.keys() <= known


def _equals(one: Json, other: Json) -> bool:
    return type(one) is type(other) and bool(one == other)


def _of_kind(kind: type | UnionType, fits: Callable[[Any, Any], bool]) -> Callable[[Any, Any], _Check]:
    """A keyword about values of one kind, which says nothing of others."""
    return lambda wanted, _: lambda value: not isinstance(value, kind) or fits(wanted, value)


_CHECKS: Final[dict[str, Callable[[Any, Any], _Check]]] = {
    "type": _has_type,
    "required": _of_kind(dict, lambda wanted, value: all(key in value for key in wanted)),
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "pattern": _of_kind(str, found),
    "const": lambda wanted, _: lambda value: _equals(wanted, value),
    "enum": lambda wanted, _: lambda value: any(_equals(each, value) for each in wanted),
    "minLength": _of_kind(str, lambda wanted, value: len(value) >= wanted),
    "maxLength": _of_kind(str, lambda wanted, value: len(value) <= wanted),
    "minItems": _of_kind(list, lambda wanted, value: len(value) >= wanted),
    "maxItems": _of_kind(list, lambda wanted, value: len(value) <= wanted),
    "minimum": _of_kind(int | float, lambda wanted, value: value >= wanted),
    "maximum": _of_kind(int | float, lambda wanted, value: value <= wanted),
}
"""For the value under a keyword, and the schema that it stands in: the check."""
