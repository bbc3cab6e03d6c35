"""Freeze windows: times that come again and again, in which no promotion is applied. A rollback knows none of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import Field, field_validator, model_validator

from liftgate.domain.span import Span
from liftgate.domain.value import Value

_ENDLESS: Final = 60
"""So many windows in a row without a moment between them are no windows."""


class Freeze(Value):
    cron: str
    """When it begins: five fields (crontab(5))."""
    length: Span = Field(alias="for")
    timezone: str = "UTC"
    """A name of the IANA database; the clock on the wall there counts, also where it is set forward or back."""

    @field_validator("cron")
    @classmethod
    def _cron(cls, cron: str) -> str:
        try:
            CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
        except CronSimError as error:
            raise ValueError(f'"{cron[:60]}" is no cron expression of five fields ({error})') from None
        return cron

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f'there is no time zone "{timezone[:60]}"; write a name like "Europe/Berlin"') from None
        return timezone

    @model_validator(mode="after")
    def _ends(self) -> Freeze:
        begins = CronSim(self.cron, datetime(2026, 1, 1, tzinfo=self.zone))
        end = next(begins) + self.length
        for _, begin in zip(range(_ENDLESS), begins, strict=False):
            if begin > end:
                return self
            end = begin + self.length
        raise ValueError(f'it begins again before it is over, so it never ends; make "for" shorter than {self.cron}')

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def window(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """Begin and end of the newest window that began by then; None before the first one."""
        after = (moment.replace(microsecond=0) + timedelta(seconds=1)).astimezone(self.zone)
        begin = next(CronSim(self.cron, after, reverse=True), None)
        return (begin, begin + self.length) if begin else None


def thaw(freezes: Iterable[Freeze], now: datetime) -> datetime:
    """When promotions may be applied again: `now` itself where no window is open; windows that touch are one."""
    listed, moment = list(freezes), now
    for _ in range(_ENDLESS):
        ends = [window[1] for each in listed if (window := each.window(moment)) and window[1] > moment]
        if not ends:
            break
        moment = max(ends)
    return moment


def thawed(freezes: Iterable[Freeze], since: datetime, now: datetime) -> datetime:
    """The end of the last window that was open between the two; `since` where none was."""
    windows = filter(None, (each.window(now) for each in freezes))
    return max((end for _, end in windows if end > since), default=since)
