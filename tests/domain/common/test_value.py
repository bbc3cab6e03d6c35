"""Kinds of values are built when they are first used."""

from __future__ import annotations

from liftgate.domain.common.value import Value


class Part(Value):
    name: str


class Whole(Value):
    parts: tuple[Part, ...] = ()


def test_a_value_can_be_written_before_another_of_its_kind_was_read() -> None:
    assert Whole(parts=(Part(name="a"),)).model_dump() == {"parts": ({"name": "a"},)}
