"""Local times as moments, also where a clock is set back or forward: such a time comes twice, or never."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

_SECOND = timedelta(seconds=1)


def first_moment(local: datetime, zone: tzinfo) -> datetime:
    """When a clock in the zone shows the local time, which has no zone, for the first time.

    Of a time that the clock skips: when it skips it.
    """
    moment = local.replace(tzinfo=zone, fold=0)
    return moment if _exists(moment) else _skipped(local, zone)


def last_moment(local: datetime, zone: tzinfo) -> datetime:
    """The same, but for the last time."""
    moment = local.replace(tzinfo=zone, fold=1)
    return moment if _exists(moment) else _skipped(local, zone)


def set_back(moment: datetime, zone: tzinfo) -> timedelta:
    """How far the zone's clock is set back within the day around the moment; zero if it is not."""
    day = timedelta(days=1)
    before, after = ((moment + way).astimezone(zone).utcoffset() or timedelta() for way in (-day, day))
    return max(timedelta(), before - after)


def _exists(moment: datetime) -> bool:
    return moment.astimezone(UTC).astimezone(moment.tzinfo).replace(tzinfo=None) == moment.replace(tzinfo=None)


def _skipped(local: datetime, zone: tzinfo) -> datetime:
    """The first moment at which the clock shows the skipped time or a later one."""
    low, high = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    while high - low > _SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).replace(tzinfo=None) >= local:
            high = middle
        else:
            low = middle
    return high.astimezone(zone)
