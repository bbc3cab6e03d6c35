"""Checks values against JSON Schemas, and says what is wrong without ever repeating a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from liftgate.domain.common.value import Json
from liftgate.errors import Misconfigured
from liftgate.steps.schema_formats import checker
from liftgate.steps.schema_keywords import check_supported, extra_keys, limited, without_dialect
from liftgate.steps.schema_messages import misses, nearest, sentence
from liftgate.steps.simple_schema import certainly_fits

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

BASE: Final = "urn:liftgate:values"
"""What an overlay calls the schema it narrows, whatever `$id` that has."""


@dataclass(frozen=True)
class Problem:
    """`path` are the tokens of the place; `message` continues the sentence that begins with it."""

    path: tuple[str, ...]
    rule: str
    message: str
    fix: str
    instance: Json


def problems(schema: bytes, overlays: tuple[bytes, ...], value: Json) -> list[Problem]:
    """All of them, of schema and overlays (as canonical JSON); raises Misconfigured for a wrong schema, and TooSlow."""
    if all(certainly_fits(each, value) for each in (schema, *overlays)):
        return []
    from referencing.exceptions import Unresolvable

    try:
        return [
            problem
            for validator in _validators(schema, overlays)
            for error in validator.iter_errors(value)
            for problem in _explained(error)
        ]
    except Unresolvable as broken:
        message = f"The schema refers to {broken.ref!r}, which is not part of it: schemas are never fetched."
        raise Misconfigured(message) from None
    except RecursionError:
        raise Misconfigured("The schema refers to itself without an end.") from None


@lru_cache(maxsize=64)
def _validators(schema: bytes, overlays: tuple[bytes, ...]) -> tuple[Validator, ...]:
    """Built once for each schema: checking the schema itself costs more than checking values with it."""
    from jsonschema.validators import Draft202012Validator, validator_for
    from referencing import Registry
    from referencing.jsonschema import DRAFT202012

    base = json.loads(schema)
    resource = DRAFT202012.create_resource(without_dialect(base))
    own = base.get("$id") if isinstance(base, dict) else None
    registry: Registry[Any] = Registry().with_resources([(BASE, resource), *([(own, resource)] if own else [])])
    validators = []
    for each in (base, *map(json.loads, overlays)):
        kind = validator_for(each, default=Draft202012Validator)
        _check(kind, each)
        kept = without_dialect(each)
        validators.append(limited(kind)(kept, registry=registry, format_checker=checker(kind)))
    return tuple(validators)


def _check(kind: Any, schema: Json) -> None:
    from jsonschema.exceptions import SchemaError

    if not isinstance(schema, dict | bool):
        raise Misconfigured("A JSON Schema must be an object.")
    try:
        kind.check_schema(schema)
        check_supported(schema)
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "its root"
        raise Misconfigured(f"The JSON Schema is wrong at {place}: {error.message}.") from None


def _explained(error: ValidationError) -> Iterator[Problem]:
    path = tuple(map(str, error.absolute_path))
    keyword = str(error.validator)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    if keyword in ("anyOf", "oneOf") and error.context:
        yield _alternative(error, path)
    elif keyword == "additionalProperties" and isinstance(error.instance, dict):
        for extra in extra_keys(error.instance, schema):
            if (*path, extra) != ("sops",):
                fix = nearest(extra, schema.get("properties", {}))
                yield Problem((*path, extra), keyword, "is not a key the schema knows.", fix, None)
    elif keyword in ("required", "dependentRequired"):
        yield Problem(path, keyword, misses(error), "", None)
    else:
        yield Problem(path, keyword, sentence(keyword, error.validator_value, schema), "", error.instance)


def _alternative(error: ValidationError, path: tuple[str, ...]) -> Problem:
    from jsonschema.exceptions import best_match

    best = best_match(error.context or [])
    inner = next(_explained(best), None)
    if inner is None:
        return Problem(path, str(error.validator), "fits none of the alternatives.", "", error.instance)
    return replace(inner, message=f"fits none of the alternatives; in the nearest it {inner.message}")
