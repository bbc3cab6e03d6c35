"""Freeze windows: recurring times in which no promotion is applied. Rollbacks ignore them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim
from pydantic import Field, model_validator

from liftgate.domain.common.schedule import Cron, TimeZone
from liftgate.domain.common.span import Span
from liftgate.domain.common.value import Value
from liftgate.domain.common.wall_clock import first_moment, last_moment, set_back

_ENDLESS: Final = 60
"""This many windows in a row without a gap never end, so they are an error."""


class Freeze(Value):
    cron: Cron
    """When it begins."""
    length: Span = Field(alias="for")
    """How long it lasts."""
    timezone: TimeZone = "UTC"
    """Local time counts, also when daylight saving time starts or ends."""

    @model_validator(mode="after")
    def _ends(self) -> Freeze:
        begins = CronSim(self.cron, datetime(2026, 1, 1))  # noqa: DTZ001  local time
        end = next(begins) + self.length
        for _, begin in zip(range(_ENDLESS), begins, strict=False):
            if begin > end:
                return self
            end = begin + self.length
        raise ValueError(f'it starts again before it ends, so it never ends; make "for" shorter than {self.cron}')

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def window(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """Start and end of the newest window that started by then; None before the first one.

        Where a local time comes twice, the window starts at the first and ends at the last: it is one, and whole.
        """
        latest = (moment.replace(microsecond=0) + timedelta(seconds=1)).astimezone(self.zone).replace(tzinfo=None)
        for local in CronSim(self.cron, latest + set_back(moment, self.zone), reverse=True):
            begin = first_moment(local, self.zone)
            if begin.timestamp() <= moment.timestamp():
                return begin, last_moment(local + self.length, self.zone)
        return None


def thaw(freezes: Iterable[Freeze], now: datetime) -> datetime:
    """When promotions may be applied again: `now` if no window is open. Adjacent windows count as one."""
    listed, moment = list(freezes), now
    for _ in range(_ENDLESS):
        windows = filter(None, (each.window(moment) for each in listed))
        ends = [end for _, end in windows if end.timestamp() > moment.timestamp()]
        if not ends:
            break
        moment = max(ends, key=datetime.timestamp)
    return moment


def thawed(freezes: Iterable[Freeze], since: datetime, now: datetime) -> datetime:
    """The end of the last window that was open between the two times; `since` if none was."""
    windows = filter(None, (each.window(now) for each in freezes))
    ends = (end for _, end in windows if end.timestamp() > since.timestamp())
    return max(ends, default=since, key=datetime.timestamp)
