"""Lengths of time as people write them in `liftgate.json`: `30s`, `5m`, `62h`, `2d`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_span(text: object) -> timedelta:
    """Raises ValueError with the right form."""
    if isinstance(text, timedelta):
        return text
    written = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text) if isinstance(text, str) else None
    if not written:
        raise ValueError('must be a time like "30s", "5m", "2h" or "3d"')
    return timedelta(**{_UNITS[written[2]]: int(written[1])})


def go_duration(text: str) -> timedelta | None:
    """Go's format: `1h30m`, `62h`; None for anything else."""
    if not re.fullmatch(r"([0-9]+(\.[0-9]+)?[hms])+", text):
        return None
    parts = re.findall(r"([0-9.]+)([hms])", text)
    return sum((timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta())


def human(length: timedelta) -> str:
    """For sentences: `2 days 3 h`, `28 min`, `40 s`; rounded up, so that people do not look too early."""
    seconds = -(-int(length.total_seconds() * 1000) // 1000)
    if seconds < 60:
        return f"{max(seconds, 1)} s"
    days, minutes = divmod(-(-seconds // 60), 1440)
    hours, minutes = divmod(minutes, 60)
    words = (f"{days} {'day' if days == 1 else 'days'}" * bool(days), f"{hours} h" * bool(hours))
    return " ".join(filter(None, (*words, f"{minutes} min" * bool(minutes and not days))))


Span = Annotated[
    timedelta,
    BeforeValidator(read_span),
    PlainSerializer(lambda length: int(length.total_seconds())),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,5}[smhd]$"}),
]
"""Text in `liftgate.json`, seconds in a policy's hash."""
