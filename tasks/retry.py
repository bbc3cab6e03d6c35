"""Which failures are worth another try, and for how long: before the commit, and after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from prefect.cache_policies import NO_CACHE

from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.clock import Clock

T = TypeVar("T")
PAUSE: Final = 2.0
"""Seconds between two looks for a verdict."""


def if_unavailable(_task: Any, _run: Any, state: Any) -> bool:
    """Prefect asks this before it retries a failed task."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unavailable)


def if_it_may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """After the commit: a token or an address that was of use a moment ago may be so again in the next."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unavailable | Misconfigured)


def verdict_of_looks(clock: Clock, within: float, look: Callable[[float], T], silence: Callable[[str], T]) -> T:
    """What `look` says, which is given the seconds left. After the commit an error of whatever class is no verdict:
    it looks again until the deadline, and only then `silence` makes one of the last error's sentence."""
    end = clock.monotonic() + within
    while True:
        try:
            return look(end - clock.monotonic())
        except Exception as error:  # noqa: BLE001  a fault of ours, or of a team's own step, is no verdict either
            said = str(error) if isinstance(error, LiftgateError) else f"it raised {type(error).__name__}"
        if end - clock.monotonic() <= 2 * PAUSE:
            return silence(f"no verdict in time: {said}")
        print(f"no verdict yet, looking again: {said}")
        clock.sleep(PAUSE)


HEALS: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 5, 20],
    "retry_condition_fn": if_unavailable,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}
"""Options of a task that asks the outside; its effect is found again by the promotion id, not from a result."""

LASTS: dict[str, Any] = HEALS | {
    "retries": 60,
    "retry_delay_seconds": [0.2, 0.5, 1, 2, 5],
    "retry_condition_fn": if_it_may_pass,
}
"""Options of a task after the commit that must not be lost: it is tried for five minutes."""

PLAIN: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
"""Options of a task that only computes, or looks after its own patience."""
