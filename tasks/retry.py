"""Which failures are worth another try: only Unavailable, a few times, with growing pauses."""

from __future__ import annotations

from typing import Any

from prefect.cache_policies import NO_CACHE

from liftgate.errors import Unavailable


def if_unavailable(_task: Any, _run: Any, state: Any) -> bool:
    """Prefect asks this before it retries a failed task."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unavailable)


HEALS: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 5, 20],
    "retry_condition_fn": if_unavailable,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}
"""Options of a task that asks the outside; its effect is found again by the promotion id, not from a result."""

PLAIN: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
"""Options of a task that only computes, or looks after its own patience."""
