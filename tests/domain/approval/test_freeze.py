"""Freeze windows, in the time of the place they are written for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
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


def test_the_doubled_hour_is_frozen_once_and_whole() -> None:
    """At three o'clock in Berlin the clocks are set back to two, on 25 October 2026."""
    two_again = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    night = freeze(cron="0 2 * * *", **{"for": "1h"})
    first, last = two_again - timedelta(hours=1), two_again + timedelta(hours=1) - SECOND
    for moment in (first, first + timedelta(minutes=59), two_again, two_again + timedelta(minutes=30), last):
        assert thaw([night], moment) == last + SECOND, moment
    assert thaw([night], first - SECOND) == first - SECOND
    assert thaw([night], last + SECOND) == last + SECOND


def test_a_window_that_begins_at_a_skipped_time_begins_when_it_is_skipped() -> None:
    three = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    night = freeze(cron="30 2 * * *", **{"for": "1h"})
    assert thaw([night], three - SECOND) == three - SECOND
    assert thaw([night], three) == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)


ZONES = sorted(available_timezones() - {"localtime"})
DAYS = timedelta(days=2)


def changes_of_the_clock(zone: ZoneInfo) -> list[datetime]:
    """The hours of two years in which the zone's clock is set."""
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=at) for at in range(2 * 365)]
    there = [day for day, next_day in pairwise(days) if offset(day, zone) != offset(next_day, zone)]
    hours = [day + timedelta(hours=at) for day in there for at in range(1, 25)]
    return [hour for hour in hours if offset(hour - timedelta(hours=1), zone) != offset(hour, zone)]


def offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


@settings(max_examples=20)
@given(st.data(), st.sampled_from(ZONES), st.integers(0, 23), st.integers(0, 59), st.integers(1, 20))
def test_in_every_zone_what_the_clock_on_the_wall_shows_is_frozen_once_and_whole(
    data: st.DataObject, name: str, hour: int, minute: int, hours: int
) -> None:
    zone = ZoneInfo(name)
    turn = data.draw(st.sampled_from(changes_of_the_clock(zone) or [datetime(2026, 6, 1, tzinfo=UTC)]))
    window = freeze(cron=f"{minute} {hour} * * *", timezone=name, **{"for": f"{hours}h"})
    moments = [turn - DAYS + timedelta(minutes=10 * at) for at in range(4 * 24 * 6)]
    frozen = [thaw([window], moment) > moment for moment in moments]
    for moment, is_frozen in zip(moments, frozen, strict=True):
        local = moment.astimezone(zone).replace(tzinfo=None)
        since = (local - local.replace(hour=hour, minute=minute, second=0)) % timedelta(days=1)
        assert is_frozen or since >= timedelta(hours=hours), (moment, local)
    begins = sum(not one and other for one, other in pairwise(frozen))
    assert begins <= 5, "once a day"
