"""What a server asks for is waited for before the next try, for no longer than an hour, and not for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.schemas.objects import TaskRun
from prefect.states import Failed

from liftgate.errors import Refused, Unavailable
from tasks import retry


@pytest.mark.parametrize(
    ("error", "hours", "again", "waited"),
    [
        (Unavailable("no answer"), 3, True, []),
        (Unavailable("rate limit", retry_after=40), 1, True, [40.0]),
        (Unavailable("rate limit", retry_after=10**9), 0, True, [3600.0]),
        (Unavailable("rate limit", retry_after=40), 3, False, []),
        (Refused("a rule"), 0, False, []),
    ],
)
def test_the_next_try_is_when_the_server_asks_for_it(
    error: Exception, hours: int, again: bool, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tasks.retry.SystemClock.sleep", lambda _, seconds: slept.append(seconds))
    run = TaskRun(task_key="t", dynamic_key="1", start_time=datetime.now(UTC) - timedelta(hours=hours))
    assert retry.if_unavailable(None, run, Failed(data=error)) is again
    assert slept == waited
