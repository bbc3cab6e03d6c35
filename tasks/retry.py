"""Which failures are retried, and for how long: before the commit and after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from prefect.cache_policies import NO_CACHE
from prefect.runtime import task_run

from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.clock import SystemClock

ASKED: Final = 3600.0
"""The most seconds that a server may ask to wait before the next try: rate limits are counted by the hour."""


LONGEST: Final = timedelta(hours=2)
"""How long a task may be tried again where servers ask to wait."""


def if_unavailable(_task: Any, run: Any, state: Any) -> bool:
    """Prefect calls this before it retries a failed task. Its own delays know nothing of what a server asks for."""
    error = state.result(raise_on_failure=False)
    if isinstance(error, Unavailable) and error.retry_after:
        if run.start_time and datetime.now(UTC) - run.start_time > LONGEST:
            return False
        print(f"trying again in {min(error.retry_after, ASKED):.0f} s, as requested: {error}")
        SystemClock().sleep(min(error.retry_after, ASKED))
    return isinstance(error, Unavailable)


def if_it_may_pass(_task: Any, _run: Any, state: Any) -> bool:
    """After the commit, retry also for a wrong token or address: it worked before, so it may work again soon."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, Unavailable | Misconfigured)


HEALS: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": [1, 5, 20],
    "retry_condition_fn": if_unavailable,
    "cache_policy": NO_CACHE,
    "persist_result": False,
}
"""Options of a task that calls other systems; it finds what it did before by the promotion id, not by a result."""


def is_last_try() -> bool:
    """Whether a task of these options is not tried again, whatever becomes of this try."""
    return bool(task_run.run_count > HEALS["retries"])


LASTS: dict[str, Any] = HEALS | {
    "retries": 60,
    "retry_delay_seconds": [0.2, 0.5, 1, 2, 5],
    "retry_condition_fn": if_it_may_pass,
}
"""Options of a task after the commit that must succeed: it is retried for five minutes."""

BUSY_FOR: Final = 600
"""Seconds to wait for another promotion to the same environment to end, with tries every two seconds."""

PLAIN: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
"""Options of a task that only computes, or that retries by itself."""

WHILE_BUSY: dict[str, Any] = HEALS | {"retries": BUSY_FOR // 2, "retry_delay_seconds": 2}
"""Options of a task that waits for another promotion to the same environment."""
