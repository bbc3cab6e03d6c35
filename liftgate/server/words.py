"""Durations as people read them."""

from __future__ import annotations


def span(seconds: float) -> str:
    """`12 s`, `5 min`, `3 h`, `2 days`."""
    if seconds < 60:
        return f"{max(0, seconds):.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"
