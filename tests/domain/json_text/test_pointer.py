from __future__ import annotations

import pytest
from hypothesis import strategies as st

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import MISSING, covers, find, get, join, leaves, matches, split, with_slash
from liftgate.errors import Refused
from tests.domain.properties import HOSTILE_KEYS, documents, holds


@holds(st.lists(st.text() | st.sampled_from(HOSTILE_KEYS)))
def test_splitting_undoes_joining(tokens: list[str]) -> None:
    assert split(join(tokens)) == tuple(tokens)


@holds(documents())
def test_every_leaf_is_found_at_its_pointer(value: Json) -> None:
    for pointer, leaf in leaves(value, arrays=True):
        assert find(value, pointer) is leaf


@pytest.mark.parametrize(("pointer", "near"), [("a/b", "'/a/b'"), ("/a~2", "~0"), ("/~", "~0")])
def test_what_is_no_pointer_is_refused_with_the_right_one(pointer: str, near: str) -> None:
    with pytest.raises(Refused, match=near):
        split(pointer)


@pytest.mark.parametrize("pointer", ["/a/-", "/a/01", "/a/3", "/a/-1", "/a/٣", "/b", "/a/0/x"])
def test_what_is_not_there_is_missing(pointer: str) -> None:
    assert find({"a": [1, 2, 3]}, pointer) is MISSING
    with pytest.raises(Refused):
        get({"a": [1, 2, 3]}, pointer)


def test_null_is_not_missing() -> None:
    assert get({"a": None}, "/a") is None
    assert not MISSING
    assert repr(MISSING) == "MISSING"


@pytest.mark.parametrize(
    ("pattern", "pointer", "fits"),
    [
        ("/a", "/a", True),
        ("/a", "/a/b", False),
        ("/*", "/a", True),
        ("/*", "/a/b", False),
        ("/*", "", False),
        ("/**", "", True),
        ("/**", "/a/b/c", True),
        ("/a/**", "/a", True),
        ("/a/**", "/ab", False),
        ("/**/c", "/c", True),
        ("/**/c", "/a/b/c", True),
        ("/**/**/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/c", True),
        ("/a/*/c", "/a/b/b/c", False),
        ("/*-url", "/db-url", True),
        ("/*-url", "/db-urls", False),
        ("/a.b", "/axb", False),
        ("/a~1b", "/a~1b", True),
        ("/a/*", "/a/x~1y", True),
        ("/a/*", "/a/", True),
        ("/*", "/x\n", True),
    ],
)
def test_patterns(pattern: str, pointer: str, fits: bool) -> None:
    assert matches(pattern, pointer) is fits


def test_a_pattern_covers_what_lies_below_it() -> None:
    assert covers("/a/*", "/a/b/c/d")
    assert covers("/a", "/a")
    assert not covers("/a", "/ab")
    assert covers("", "/anything")


@pytest.mark.parametrize(
    ("value", "pointer", "meant"),
    [
        ({"a/b": 1}, "/a/b", "/a~1b"),
        ({"a/b": 1, "a": {}}, "/a/b", "/a~1b"),
        ({"x": {"example.com/team": 1}}, "/x/example.com/team", "/x/example.com~1team"),
        ({"a/b/c": 1, "a/b": {}}, "/a/b/c", "/a~1b~1c"),
        ({"a/b~": {}}, "/a/b~0/new", "/a~1b~0/new"),
        ([{"a/b": 1}], "/0/a/b", "/0/a~1b"),
        ({"a": {"c": 1}}, "/a/b", ""),
        ({"b/c": 1}, "/a/b/c", ""),
        (1, "/a/b", ""),
    ],
)
def test_a_slash_within_a_key_is_told(value: Json, pointer: str, meant: str) -> None:
    assert with_slash(value, pointer) == meant
