"""Pins: somebody holds a value of one environment where it is, for a reason and (mostly) until a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from liftgate.domain.pointer import covers
from liftgate.domain.value import Value


class Pin(Value):
    """Holds the pointer (a pattern) and everything under it; `until` is its last day, None is without end."""

    pointer: str
    owner: str
    reason: str
    until: dt.date | None = None

    def __str__(self) -> str:
        end = f" until {self.until.isoformat()}" if self.until else ""
        return f"pinned by {self.owner}{end}: {self.reason}"


def active(pins: Sequence[Pin], today: dt.date) -> tuple[Pin, ...]:
    return tuple(pin for pin in pins if pin.until is None or today <= pin.until)


def holding(pins: Sequence[Pin], pointer: str) -> Pin | None:
    """The first of the pins that holds this pointer."""
    return next((pin for pin in pins if covers(pin.pointer, pointer)), None)
