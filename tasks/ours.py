"""The integrations for an effect: a process whose run was given to another worker ends before it."""

from __future__ import annotations

import os
import time
from concurrent.futures import Future
from typing import Final

from liftgate.domain.promotion.liveness import SAFE
from liftgate.errors import LiftgateError
from liftgate.integrations.runs.run import Run
from liftgate.services.own_run import is_own, start_of
from liftgate.wiring import Integrations, integrations

TAKEN: Final = 75
"""The exit code of a process that lost its run."""
_CLOCK: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Also counts the time in which the machine slept."""
_mine: Final[list[tuple[str, float, Future[Run | None]]]] = []
"""The run of this process, when its process began, and what Prefect said of it then."""


def begins(run_id: str, said: Future[Run | None]) -> None:
    """This process begins to work on the run, or asks Prefect for it once more."""
    began = _mine[0][1] if _mine else time.clock_gettime(_CLOCK)
    _mine[:] = [(run_id, began, said)]


def ours() -> Integrations:
    """Asks Prefect, except in the first seconds, in which no run is taken. Ends the process without another word to
    Prefect when the run was taken: its state is another process's. Raises Unavailable when Prefect cannot say."""
    at = integrations()
    for run_id, began, said in _mine:
        if time.clock_gettime(_CLOCK) - began < SAFE:
            continue
        first = said.result()
        if first is not None and not is_own(at.runs, run_id, start_of(first)):
            try:
                print(f"the run {run_id} was given to another worker; this process ends", flush=True)
            finally:  # also on a full disk, where nothing can be said
                os._exit(TAKEN)
    return at


def ours_or_unknown() -> Integrations:
    """The same for an effect that does no harm twice: when Prefect cannot say, it is done. An error here would count as
    a failed sync."""
    try:
        return ours()
    except LiftgateError:
        return integrations()
