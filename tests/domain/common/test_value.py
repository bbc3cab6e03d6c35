"""Kinds of values are built when they are first used, or all at once."""

from __future__ import annotations

from liftgate.domain.common.value import Value, build_all


class Part(Value):
    name: str


class Whole(Value):
    parts: tuple[Part, ...] = ()


def test_what_was_imported_can_be_built_at_once() -> None:
    assert not Whole.__pydantic_complete__
    build_all()
    assert Whole.__pydantic_complete__
    assert Part.__pydantic_complete__


def test_a_value_can_be_written_before_another_of_its_kind_was_read() -> None:
    assert Whole(parts=(Part(name="a"),)).model_dump() == {"parts": ({"name": "a"},)}
