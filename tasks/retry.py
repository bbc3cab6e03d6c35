"""Which failures are worth another try, and for how long: before the commit, and after it."""

from __future__ import annotations

from typing import Any

from prefect.cache_policies import NO_CACHE

from liftgate.errors import Misconfigured, Unavailable


def if_unavailable(_task: Any, _run: Any, state: Any) -> bool:
    """Prefect asks this before it retries a failed task."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unavailable)


def if_it_may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """After the commit: a token or an address that was of use a moment ago may be so again in the next."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unavailable | Misconfigured)


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
