"""How often Prefect tries a task that asks the outside, and that the task knows which try is the last."""

from __future__ import annotations

import pytest
from prefect import flow, task
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from liftgate.errors import Misconfigured, Unavailable
from tasks.retry import HEALS, is_last_try
from tests.prefect_server import PrefectApi

pytestmark = pytest.mark.prefect

AT_ONCE = HEALS | {"retry_delay_seconds": 0}


def tries(error: Exception) -> list[bool]:
    """Of each try of a task that ends with the error, whether it took itself for the last one."""
    seen: list[bool] = []

    @task(**AT_ONCE)
    def ask() -> None:
        seen.append(is_last_try())
        raise error

    @flow
    def asking() -> None:
        ask(return_state=True)

    asking()
    return seen


def test_a_task_is_tried_again_where_that_may_help_and_knows_its_last_try(prefect_api: PrefectApi) -> None:
    with temporary_settings({PREFECT_API_URL: prefect_api.url, PREFECT_API_AUTH_STRING: prefect_api.secret}):
        assert tries(Unavailable("away")) == [False, False, False, True]
        assert tries(Misconfigured("no token")) == [False]
