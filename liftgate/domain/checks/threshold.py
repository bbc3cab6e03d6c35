"""Limits of a measured value: at most, at least, and how much it may rise from before to after."""

from __future__ import annotations

import math

from liftgate.domain.common.value import Value


class Threshold(Value):
    """None: no such limit. A value may rise to `before * rise + slack`."""

    max: float | None = None
    min: float | None = None
    rise: float | None = None
    slack: float = 0.0

    @property
    def is_set(self) -> bool:
        return (self.max, self.min, self.rise) != (None, None, None)


def excess(limits: Threshold, after: float, before: float | None) -> str:
    """What is wrong with the value; an empty string if it is right. NaN is never right."""
    if math.isnan(after):
        return "is not a number"
    if limits.max is not None and after > limits.max:
        return f"is {after:g}, more than {limits.max:g}"
    if limits.min is not None and after < limits.min:
        return f"is {after:g}, less than {limits.min:g}"
    if limits.rise is None:
        return ""
    if before is None or math.isnan(before):
        return "has no value from before the sync to compare with"
    allowed = before * limits.rise + limits.slack
    return f"rose from {before:g} to {after:g}, more than to {allowed:g}" if after > allowed else ""
