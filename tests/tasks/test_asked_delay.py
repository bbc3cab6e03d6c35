"""What a server asks for is waited for before the next try, and for no longer than an hour."""

from __future__ import annotations

import pytest
from prefect.states import Failed

from liftgate.errors import Refused, Unavailable
from tasks import retry


@pytest.mark.parametrize(
    ("error", "again", "waited"),
    [
        (Unavailable("no answer"), True, []),
        (Unavailable("rate limit", retry_after=40), True, [40.0]),
        (Unavailable("rate limit", retry_after=10**9), True, [3600.0]),
        (Refused("a rule"), False, []),
    ],
)
def test_the_next_try_is_when_the_server_asks_for_it(
    error: Exception, again: bool, waited: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("tasks.retry.time.sleep", slept.append)
    assert retry.if_unavailable(None, None, Failed(data=error)) is again
    assert slept == waited
