"""The order of elements with an identity: merged as one value, with what only one side has in its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.json_text.edit import apply_to_value
from liftgate.domain.planning.identity import woven
from liftgate.domain.planning.merge import merge
from liftgate.domain.planning.pins import Pin
from liftgate.domain.planning.rules import Rule, Rules

RULES = Rules(rules=(Rule(pointer="/servers", owner="promote", identity="name"),))


def merged(base: str | None, release: str, target: str, *pins: Pin) -> tuple[str, str]:
    """The order after the merge, and what people read of it; each letter is an element."""
    sides = [None if names is None else {"servers": [{"name": n} for n in names]} for names in (base, release, target)]
    result = merge(base=sides[0], release=sides[1], target=sides[2], rules=RULES, pins=pins)
    after = "".join(each["name"] for each in apply_to_value(sides[2], result.edits)["servers"])
    return after, next((row.kind for row in result.rows if row.pointer == "/servers"), "")


@pytest.mark.parametrize(
    ("base", "release", "target", "after", "kind"),
    [
        ("ab", "ba", "ab", "ba", "replace"),
        ("ab", "ab", "ba", "ba", "kept"),
        ("abc", "acb", "bac", "bac", "conflict"),
        ("ab", "axb", "ab", "axb", ""),
        ("ab", "xab", "axb", "axb", "conflict"),
        ("ab", "ba", "aob", "oba", "replace"),
        ("ab", "abx", "abo", "abox", ""),
        ("abc", "ca", "abc", "ca", "replace"),
        (None, "ba", "ab", "ba", "replace"),
    ],
)
def test_the_order_is_carried(base: str | None, release: str, target: str, after: str, kind: str) -> None:
    """`o` is only here, `x` is new."""
    assert merged(base, release, target) == (after, kind)


def test_a_pin_keeps_the_order() -> None:
    assert merged("ab", "ba", "ab", Pin(pointer="/servers", owner="ada", reason="x")) == ("ab", "pinned")


NAMES = st.permutations("abcd").map("".join).flatmap(lambda names: st.integers(0, 4).map(lambda size: names[:size]))


@given(NAMES, NAMES, NAMES)
def test_the_edits_give_an_order_that_one_of_the_two_sides_has(base: str, release: str, target: str) -> None:
    after, _ = merged(base, release, target)
    common = [name for name in after if name in release and name in target]
    orders = [[name for name in side if name in common] for side in (release, target)]
    assert common in orders


@given(st.permutations("abcd"), st.permutations("cdef"))
def test_woven_keeps_the_first_order_and_loses_nothing(first: list[str], second: list[str]) -> None:
    order = woven(first, second)
    assert sorted(order) == list("abcdef")
    assert [name for name in order if name in first] == first
