"""Look again until there is a verdict or the deadline has passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from liftgate.errors import LiftgateError
from liftgate.integrations.clock import Clock

T = TypeVar("T")


PAUSE: Final = 2.0
"""Seconds between two looks for a verdict."""


def verdict_of_looks(clock: Clock, within: float, look: Callable[[float], T], silence: Callable[[str], T]) -> T:
    """What `look` returns; it gets the seconds left. After the commit no error is a verdict: look again until the
    deadline, and only then let `silence` make a verdict from the last error's sentence."""
    end = clock.monotonic() + within
    while True:
        try:
            return look(end - clock.monotonic())
        except Exception as error:  # noqa: BLE001  a bug of ours, or of a team's own step, is no verdict either
            said = str(error) if isinstance(error, LiftgateError) else f"it raised {type(error).__name__}"
        if end - clock.monotonic() <= 2 * PAUSE:
            return silence(f"no verdict in time: {said}")
        print(f"no verdict yet, looking again: {said}")
        clock.sleep(PAUSE)
