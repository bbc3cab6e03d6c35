"""Pins: a person keeps a value of one environment unchanged, for a reason and usually until a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from liftgate.domain.common.value import Value
from liftgate.domain.json_text.pointer import covers
from liftgate.domain.planning.rules import OneFile


class Pin(Value):
    """Keeps the values at the pointer (a pattern) and below it; `until` is its last day, None is without end."""

    pointer: str
    """JSON pointer of the value; it covers everything below, and takes `*` and `**`."""
    file: OneFile = ""
    """With several values files, the file or files it holds for, as `values` names them. Empty: all."""
    owner: str
    """Who pinned it."""
    reason: str
    """Why; the plan shows it."""
    until: dt.date | None = None
    """The last day. Without it the pin stays."""

    def __str__(self) -> str:
        end = f" until {self.until.isoformat()}" if self.until else ""
        return f"pinned by {self.owner}{end}: {self.reason}"


def active(pins: Sequence[Pin], today: dt.date) -> tuple[Pin, ...]:
    return tuple(pin for pin in pins if pin.until is None or today <= pin.until)


def holding(pins: Sequence[Pin], pointer: str) -> Pin | None:
    """The first pin that covers this pointer."""
    return next((pin for pin in pins if covers(pin.pointer, pointer)), None)
