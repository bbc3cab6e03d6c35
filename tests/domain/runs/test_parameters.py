"""What a run's record cannot hold is refused with its place; the schema for Prefect's own form agrees."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from liftgate.domain.common.value import Json
from liftgate.domain.runs.parameters import LARGEST, TEMPLATE, check_parameters, storable
from liftgate.errors import Refused
from liftgate.runtime.parameters import schemas
from tests.domain.properties import documents, holds

FORM = Draft202012Validator(schemas()["update"])
ODD = st.sampled_from(
    [2**53, 2**53 + 1, 2**64, -(2**63) - 1, 1e16, 1e308, math.nan, math.inf, "\0", "\ud800", 1.5, "é"]
)
NESTED = st.recursive(
    ODD
    | st.integers()
    | st.floats().map(lambda number: number + 0.0)
    | st.text(max_size=3)
    | st.none()
    | st.booleans(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below, max_size=3),
    max_leaves=6,
)


def refusal(value: Json) -> str:
    try:
        check_parameters({"changes": {"/a": value}})
    except Refused as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([1, {"b": 2**64}], "at /changes/~1a/1/b cannot be sent: the number is beyond 2^53"),
        (math.nan, "neither NaN nor Infinity"),
        (-0.0, "-0.0"),
        ({"\ud800": 1}, "A key at /changes/~1a cannot be sent"),
        ("x\0", "NUL"),
        ({TEMPLATE: "jinja"}, "template"),
        ("x" * LARGEST, f"the limit is {LARGEST}"),
    ],
)
def test_it_says_where_and_what(value: Json, words: str) -> None:
    said = refusal(value)
    assert words in said
    said.encode()


def test_what_is_nested_too_deeply_is_refused() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    assert "nested deeper" in refusal(value)


@holds(documents(secret=True))
def test_what_the_strict_reader_takes_is_taken_but_for_what_changes_on_the_way(value: Json) -> None:
    said = refusal(value)
    assert not said or any(word in said for word in ("2^53", "-0.0", "NUL"))


@holds(NESTED)
def test_the_form_takes_what_the_check_takes(value: Json) -> None:
    """The sign of a zero and templates are left to the check: no schema can tell the one, and Prefect fills in the
    other before it looks."""
    asked = {"application": "a", "environment": "b", "changes": {"/a": value}}
    assert FORM.is_valid(asked) == (not refusal(value))


@pytest.mark.parametrize(
    ("remove", "is_right"),
    [([], True), (["/a", "/b~1c"], True), ("/a", False), ([1], False), ([None], False), (["/\0"], False)],
)
def test_the_form_takes_a_list_of_pointers_to_remove(remove: Json, is_right: bool) -> None:
    assert FORM.is_valid({"application": "a", "environment": "b", "remove": remove}) is is_right


@holds(st.text())
def test_what_is_storable_can_be_stored(text: str) -> None:
    kept = storable(text + "\0\ud800")
    kept.encode()
    assert "\0" not in kept
    assert json.loads(json.dumps(kept)) == kept
