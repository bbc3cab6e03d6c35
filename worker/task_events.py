"""Fewer events for each task: Prefect's server uses most of its time for a run to read and to record them.

Prefect sends three for each task: Pending, Running and the end. Here a task that ends soon has only the last one, which
holds all that the others say, such as when it started. Each event names the flow run that it belongs to; Prefect also
reads the flow, the deployment, the work pool and the queue to name them.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

SOON: Final = 0.5
"""Seconds after which a task that still runs is shown as running."""
Emit = Callable[..., Any]
"""`prefect.utilities.engine.emit_task_run_state_change_event`."""


class FewerEvents:
    """Replaces the function with which Prefect's engine tells the state of a task."""

    def __init__(self, emit: Emit, soon: float = SOON) -> None:
        self._emit, self._soon = emit, soon
        self._held: dict[UUID, threading.Timer] = {}
        """For each task that started just now: what will tell that it is running."""

    def __call__(self, task_run: Any, initial_state: Any, validated_state: Any, follows: Any = None) -> Any:
        """The event, or None if none was sent."""
        if initial_state is None and validated_state.is_pending():
            return None
        if held := self._held.pop(task_run.id, None):
            held.cancel()
        if initial_state is None or not (initial_state.is_pending() and validated_state.is_running()):
            return self._emit(task_run, initial_state, validated_state, follows)
        here = contextvars.copy_context()  # it tells Prefect to which run the event belongs
        timer = threading.Timer(self._soon, here.run, (self._emit, task_run, initial_state, validated_state, follows))
        timer.daemon = True
        self._held[task_run.id] = timer
        timer.start()
        return None


async def related_run(client: Any, exclude: set[str] | None = None) -> list[Any]:  # noqa: ARG001 - Prefect's form
    """Replaces `prefect.events.worker.related_resources_from_run_context`: the flow run, which needs no request."""
    from prefect.context import FlowRunContext, TaskRunContext
    from prefect.events.schemas.events import RelatedResource

    flow, task = FlowRunContext.get(), TaskRunContext.get()
    run = flow.flow_run.id if flow and flow.flow_run else task.task_run.flow_run_id if task else None
    name = f"prefect.flow-run.{run}"
    if run is None or name in (exclude or ()):
        return []
    return [RelatedResource({"prefect.resource.id": name, "prefect.resource.role": "flow-run"})]
