"""The keywords of JSON Schema within a time limit: a pattern, or references that multiply, cannot hold a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any, Final

from liftgate.domain.common.value import Json
from liftgate.errors import Misconfigured
from liftgate.steps.patterns import check_time, found

Keyword = Callable[[Any, Any, Any, Any], Any]
_DATA: Final = frozenset({"const", "enum", "default", "examples"})
"""Below these is no schema."""


@cache
def limited(kind: Any) -> Any:
    """The validator class, with every keyword within the time of `pattern_time`."""
    from jsonschema.validators import extend

    ours = {"pattern": _pattern, "patternProperties": _pattern_properties, "additionalProperties": _additional}
    ours |= {"multipleOf": _multiple_of}
    known = {name: ours.get(name, keyword) for name, keyword in kind.VALIDATORS.items()}
    return extend(kind, validators={name: _timed(keyword) for name, keyword in known.items()})  # type: ignore[no-untyped-call]


def without_dialect(schema: Json) -> Json:
    """Without `$schema`: where a reference leads to one, jsonschema would take its own class again."""
    if isinstance(schema, list):
        return [without_dialect(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value if key in _DATA else without_dialect(value)
        for key, value in schema.items()
        if not (key == "$schema" and isinstance(value, str))
    }


def check_supported(schema: Json) -> None:
    """Raises Misconfigured for the one pair of keywords whose patterns jsonschema searches without a limit."""
    used = set(_keys(schema))
    if {"unevaluatedProperties", "patternProperties"} <= used:
        raise Misconfigured(
            "The JSON Schema uses unevaluatedProperties together with patternProperties, which Liftgate cannot check "
            "within a time limit: use additionalProperties."
        )


def _keys(schema: Json) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _keys(each)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            yield key
            if key not in _DATA:
                yield from _keys(value)


def _timed(keyword: Keyword) -> Keyword:
    def timed(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
        check_time()
        yield from keyword(validator, wanted, instance, schema) or ()

    return timed


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not found(pattern, instance):
        yield ValidationError("the pattern does not match")


def _pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, _schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, below in patterns.items():
        for key, value in instance.items():
            if found(pattern, key):
                yield from validator.descend(value, below, path=key, schema_path=pattern)


def _multiple_of(validator: Any, unit: float, instance: Any, _schema: Any) -> Iterator[Any]:
    """By the decimal numbers as they are written: 0.3 is a multiple of 0.1, though not as binary fractions."""
    from jsonschema import ValidationError

    if validator.is_type(instance, "number") and Fraction(str(instance)) % Fraction(str(unit)):
        yield ValidationError("not a multiple")


def _additional(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if not validator.is_type(instance, "object"):
        return
    extra = extra_keys(instance, schema)
    if validator.is_type(wanted, "object"):
        for key in extra:
            yield from validator.descend(instance[key], wanted, path=key)
    elif not wanted and extra:
        yield ValidationError("additional keys")


def extra_keys(members: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """The keys that no other keyword of the schema knows."""
    patterns, known = schema.get("patternProperties", {}), schema.get("properties", {})
    return [key for key in members if key not in known and not any(found(each, key) for each in patterns)]
