"""Lengths of time, read and said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liftgate.domain.common.span import human, read_span


@pytest.mark.parametrize(
    ("text", "length"),
    [("30s", timedelta(seconds=30)), ("5m", timedelta(minutes=5)), ("62h", timedelta(hours=62)), ("2d", timedelta(2))],
)
def test_it_is_read_as_written(text: str, length: timedelta) -> None:
    assert read_span(text) == length


@pytest.mark.parametrize("text", ["", "5", "0m", "1.5h", "m", "5 m", "1h30m", 5, None])
def test_anything_else_is_a_mistake(text: object) -> None:
    with pytest.raises(ValueError, match="must be a time like"):
        read_span(text)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (61, "2 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (180_000, "2 days 2 h"),
        (86_400, "1 day"),
    ],
)
def test_it_is_said_for_people_and_never_too_short(seconds: float, said: str) -> None:
    assert human(timedelta(seconds=seconds)) == said
