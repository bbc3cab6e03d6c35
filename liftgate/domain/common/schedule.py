"""Recurring times: a cron expression of five fields, in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator

from liftgate.domain.common.value import Value


def _cron(cron: str) -> str:
    try:
        CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        raise ValueError(f'"{cron[:60]}" is not a cron expression of five fields ({error})') from None
    return cron


def _timezone(timezone: str) -> str:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{timezone[:60]}"; write a name like "Europe/Berlin"') from None
    return timezone


Cron = Annotated[str, AfterValidator(_cron)]
"""Five fields (crontab(5))."""
TimeZone = Annotated[str, AfterValidator(_timezone)]
"""A name of the IANA database. Local time counts, also when daylight saving time starts or ends."""


class Schedule(Value):
    cron: Cron
    """When: five fields (crontab(5))."""
    timezone: TimeZone = "UTC"
    """A name of the IANA database. Local time counts, also when daylight saving time starts or ends."""
