"""The quick answer to "does it fit?" never contradicts jsonschema, and spares its import."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from liftgate.steps.simple_schema import certainly_fits

SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, -2.0]) | st.sampled_from("ab")
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abc"), below, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["array", "boolean", "integer", "null", "number", "object", "string", "text"])


def schemas(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """With wrong ones among them."""
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, max_size=3),
            "required": st.lists(st.sampled_from("abc"), max_size=3),
            "properties": st.dictionaries(st.sampled_from("abc"), below, max_size=3),
            "additionalProperties": st.booleans(),
            "items": below,
            "enum": st.lists(SCALARS, max_size=3),
            "const": SCALARS,
            "pattern": st.sampled_from(["^a", "b$", "("]),
            "minLength": st.integers(-1, 2),
            "maxLength": st.integers(0, 2),
            "minItems": st.integers(0, 2),
            "maxItems": st.integers(0, 2),
            "minimum": SCALARS,
            "maximum": st.integers(-1, 2),
            "title": st.just("A title"),
            "not": st.just({}),
            "format": st.just("date"),
        },
    )


@given(schema=st.recursive(schemas(st.just({"type": "string"})), schemas, max_leaves=4), value=VALUES)
def test_what_certainly_fits_has_no_mistake(schema: Any, value: Any) -> None:
    if certainly_fits(json.dumps(schema).encode(), value):
        Draft202012Validator.check_schema(schema)
        assert list(Draft202012Validator(schema).iter_errors(value)) == []


@given(schema=st.recursive(schemas(st.just({"type": "string"})), schemas, max_leaves=4))
def test_nothing_certainly_fits_a_wrong_schema(schema: Any) -> None:
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        values: list[Any] = [{}, [], "a", 1, None]
        assert not any(certainly_fits(json.dumps(schema).encode(), value) for value in values)


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "http://json-schema.org/draft-07/schema#"},
        {"$id": "not an address"},
        {"$ref": "#/$defs/x"},
        {"properties": {"a": {"$id": "urn:x"}}},
        {"properties": {"a": {"format": "date"}}},
        {"items": [{"type": "string"}]},
        {"unknown": 1},
        True,
    ],
)
def test_of_other_schemas_nothing_is_known(schema: Any) -> None:
    assert not certainly_fits(json.dumps(schema).encode(), {})


def test_a_schema_as_adopt_writes_it_is_known() -> None:
    below = {"type": ["integer", "null"], "x-liftgate-owner": "own", "description": "how many"}
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Values",
        "type": "object",
        "required": ["replicas"],
        "properties": {"replicas": below, "hosts": {"type": "array", "items": {"type": "string"}}},
    }
    text = json.dumps(schema).encode()
    assert certainly_fits(text, {"replicas": 3, "hosts": ["a"]})
    assert not certainly_fits(text, {"replicas": True})
    assert not certainly_fits(text, {"hosts": []})
