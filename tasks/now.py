"""The time, as the wiring's clock has it."""

from __future__ import annotations

from datetime import datetime

from liftgate.wiring import integrations


def now() -> datetime:
    return integrations().clock.now()
