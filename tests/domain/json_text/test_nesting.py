"""Deep nesting is found in the text alone: exactly in JSON, and never missed in what only begins as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.nesting import is_deeper
from tests.domain.properties import holds

NASTY = st.text(alphabet='[]{}"\\a\n', max_size=5)
VALUES = st.recursive(
    NASTY | st.integers(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NASTY, below, max_size=3),
    max_leaves=30,
)


def depth(value: Json) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


def entered(text: str) -> int:
    """How deep a parser goes that reads strings as JSON has them, and stops at what cannot be JSON."""
    level = deepest = 0
    in_string = is_escaped = False
    for each in text:
        if is_escaped:
            is_escaped = False
        elif in_string:
            is_escaped, in_string = each == "\\", each != '"'
        elif each == '"':
            in_string = True
        else:
            level += (each in "[{") - (each in "]}")
            deepest = max(deepest, level)
            if each == "\\" or level < 0:
                break
    return deepest


@holds(VALUES, st.integers(0, 70), st.integers(0, 12), st.sampled_from([None, 1]), quick=100)
def test_it_is_exact_for_json(value: Json, around: int, levels: int, indent: int | None) -> None:
    for _ in range(around):
        value = [value]
    text, there = json.dumps(value, indent=indent), depth(value)
    for limit in {levels, max(0, there - 1), there, there + 1}:
        assert is_deeper(text, limit) == (there > limit)


@holds(st.text(alphabet='[]{}"\\a,', max_size=60), st.integers(0, 12), quick=200)
def test_it_misses_no_depth_that_a_parser_would_enter(text: str, levels: int) -> None:
    assert is_deeper(text, levels) or entered(text) <= levels


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[" * 129, True),
        ("[" * 128, False),
        ('{"a":' * 129, True),
        ("[]" * 1000, False),
        (json.dumps("[" * 1000), False),
        ('["\\"[", "\\\\"]' + "[" * 128, False),
        ('["\\\\", ' + "[" * 128, True),
        ("\ud800" + "[" * 129, True),
    ],
)
def test_it_is_found_whether_or_not_the_text_ends(text: str, found: bool) -> None:
    assert is_deeper(text, 128) == found
