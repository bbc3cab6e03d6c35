"""A run that a person suspends on Prefect's pages: its flow looks for that now and then, instead of all the time.

Prefect's own observer opens an event stream for each run, and the flow begins only when it is open. At every end and at
every gate the flow waits until it is closed. What happens is the same: the flow ends at its next task.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from worker.sources import STATE_ID

EVERY = 10.0
"""Seconds between two looks; Prefect's own observer looks as often when it has no stream."""
APART = timedelta(seconds=2)
"""The states of a run may have the times of two Prefect servers, whose clocks differ a little."""


@contextmanager
def occasional_looks(flow_run_id: UUID, suspension_request: Any, polling_interval: float = EVERY) -> Iterator[None]:
    """Replaces `prefect.flow_engine.observe_flow_run_suspension`."""
    over = threading.Event()
    # a new thread does not inherit this thread's context, where Prefect keeps its settings
    looking = contextvars.copy_context()
    arguments = (_look, flow_run_id, suspension_request, polling_interval, over)
    threading.Thread(target=looking.run, args=arguments, name="suspension", daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _look(run: UUID, request: Any, every: float, over: threading.Event) -> None:
    from prefect.client.orchestration import get_client

    while not over.wait(every):
        try:
            with get_client(sync_client=True) as client:
                states = client.read_flow_run_states(run)
        except Exception as error:  # noqa: BLE001 - Prefect may be away; a later look sees it
            print(f"cannot see whether the run was suspended: {type(error).__name__}", flush=True)
            continue
        state = suspension(states, os.environ.get(STATE_ID, ""))
        if state and not over.is_set():
            request.mark_requested(state)
            return


def suspension(states: Sequence[Any], taken: str) -> Any | None:
    """The state in which the run was suspended since its worker took it, in the state with this id. It may have been
    resumed since: then another process has the run, and this one must end."""
    since = next((state.timestamp + APART for state in states if str(state.id) == taken), None)
    for state in reversed(states):
        is_new = state is states[-1] or (since and state.timestamp > since)
        if is_new and state.is_paused() and state.name == "Suspended":
            return state
    return None
