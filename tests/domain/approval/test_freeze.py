"""Freeze windows, in the time of the place they are written for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.approval.freeze import Freeze, thaw, thawed

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 11, 27, 18, 0, tzinfo=BERLIN)
SECOND = timedelta(seconds=1)


def freeze(**changes: Any) -> Freeze:
    return Freeze.model_validate({"cron": "0 18 * * FRI", "for": "62h", "timezone": "Europe/Berlin"} | changes)


def test_a_weekend_is_frozen_from_friday_evening_to_monday_morning() -> None:
    monday = datetime(2026, 11, 30, 8, 0, tzinfo=BERLIN)
    for moment in (FRIDAY, FRIDAY + timedelta(hours=30), monday - SECOND):
        assert thaw([freeze()], moment.astimezone(UTC)) == monday
    for moment in (FRIDAY - SECOND, FRIDAY - timedelta(milliseconds=1), monday):
        assert thaw([freeze()], moment.astimezone(UTC)) == moment


def test_the_clock_on_the_wall_counts_when_it_is_set_back() -> None:
    before = datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN)
    assert thaw([freeze()], before.astimezone(UTC)) == datetime(2026, 10, 26, 8, 0, tzinfo=BERLIN)


def test_windows_that_touch_are_one() -> None:
    monday = freeze(cron="0 8 * * MON", **{"for": "2h"})
    assert thaw([monday, freeze()], FRIDAY) == datetime(2026, 11, 30, 10, 0, tzinfo=BERLIN)


def test_the_end_of_the_last_window_since_then_is_known() -> None:
    monday, tuesday = datetime(2026, 11, 30, 8, 0, tzinfo=BERLIN), datetime(2026, 12, 1, 8, 0, tzinfo=BERLIN)
    assert thawed([freeze()], FRIDAY - SECOND, tuesday) == monday
    assert thawed([freeze()], monday, tuesday) == monday
    assert thawed([], monday, tuesday) == monday


@pytest.mark.parametrize(
    "wrong", [{"cron": "0 18 31 2 *"}, {"cron": "often"}, {"for": "8d"}, {"for": 3}, {"timezone": ""}]
)
def test_what_never_begins_or_never_ends_is_a_mistake(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cron|ends|time"):
        freeze(**wrong)


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.integers(1, 60).map(lambda hours: f"{hours}h")


@given(MOMENTS, st.lists(LENGTHS.map(lambda length: freeze(**{"for": length})), max_size=3))
def test_when_it_thaws_nothing_is_frozen(moment: datetime, freezes: list[Freeze]) -> None:
    end = thaw(freezes, moment)
    assert end >= moment
    assert thaw(freezes, end) == end
    assert end == moment or thaw(freezes, end - SECOND) == end
