"""What an answer must be, as a pure rule."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.checks.expectation import Expectation, same, shortfall, text_at

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=2), below, max_size=3),
)


@given(JSON)
def test_a_value_is_the_same_as_itself_written_and_read(value: Any) -> None:
    assert same(value, json.loads(json.dumps(value)))


@pytest.mark.parametrize(("left", "right"), [(True, 1), (0, False), ([1], [True]), ({"a": 0}, {"a": False}), (None, 0)])
def test_a_switch_is_no_number(left: Any, right: Any) -> None:
    assert not same(left, right)


@given(JSON, JSON)
def test_it_is_as_expected_exactly_when_the_values_are_the_same(found: Any, wanted: Any) -> None:
    body = json.dumps({"at": found}).encode()
    expected = Expectation(pointer="/at", equals=wanted, compares=True)
    assert (shortfall(expected, 200, body, 0) == "") is same(found, wanted)


def test_null_may_be_what_is_expected() -> None:
    expected = Expectation(pointer="/at", equals=None, compares=True)
    assert shortfall(expected, 200, b'{"at": null}', 0) == ""
    assert shortfall(expected, 200, b"{}", 0) == "the answer has no value at /at"


@pytest.mark.parametrize("body", [b"", b"[" * 100_000, b"\xff", b'{"a": 1}', b'"text"'])
def test_a_body_without_the_text_has_none(body: bytes) -> None:
    assert text_at(body, "/fingerprint") == ""
