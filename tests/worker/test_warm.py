"""What a zygote has done in advance, so that no run's process has to do it again."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from liftgate.domain.common.value import Value
from worker.sources import build_models


class Part(Value):
    name: str


class Whole(Value):
    parts: tuple[Part, ...] = ()


class Foreign(BaseModel):
    model_config = ConfigDict(defer_build=True)
    unknown: "Nowhere"  # type: ignore[name-defined] # noqa: F821, UP037 - it cannot be built


def test_what_was_imported_is_built_at_once_and_what_cannot_be_built_stops_nothing() -> None:
    assert not Whole.__pydantic_complete__
    build_models()
    assert Whole.__pydantic_complete__
    assert Part.__pydantic_complete__
    assert not Foreign.__pydantic_complete__
