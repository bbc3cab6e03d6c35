"""A rendering that failed, or raised: nothing is pushed, and an error stays an error."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import State
from prefect.futures import PrefectConcurrentFuture
from prefect.states import Completed, Failed

from flows.stages import Preview
from liftgate.domain.common.verdict import failed, passed
from liftgate.domain.config.pipeline import DIFF, RENDERED
from liftgate.errors import Unavailable


def over(state: State[Any]) -> PrefectConcurrentFuture[Any]:
    done: Future[State[Any]] = Future()
    done.set_result(state)
    return PrefectConcurrentFuture(uuid4(), done)


def preview(rendered: State[Any]) -> Preview:
    steps = {DIFF: over(Completed(data=passed("1 edit"))), RENDERED: over(rendered)}
    return Preview(over(Completed(data="")), steps)


def test_a_failed_rendering_is_a_verdict() -> None:
    shown = preview(Completed(data=failed("it does not render")))
    assert shown.so_far().passed
    assert (shown.verdict().reason, shown.result().failed) == ("it does not render", True)


def test_a_rendering_that_raised_lets_nothing_be_pushed_and_its_error_ends_the_run() -> None:
    shown = preview(Failed(data=Unavailable("Prefect is away")))
    assert shown.so_far().passed
    assert shown.verdict().failed
    with pytest.raises(Unavailable, match="Prefect is away"):
        shown.result()
