"""A flow run as Prefect has it, and what is said of many of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from liftgate.domain.plain import one_line, printable
from liftgate.domain.value import Json, Value
from liftgate.integrations.runs.listing import notices


class Run(Value):
    id: str
    name: str
    flow: str
    """The flow's name."""
    deployment: str
    """The deployment's id; empty for a subflow."""
    parameters: dict[str, Json]
    state: str
    """State type: SCHEDULED, PENDING, RUNNING, PAUSED, COMPLETED, FAILED, CRASHED, CANCELLED, CANCELLING."""
    state_name: str
    message: str
    since: datetime
    """When it entered this state."""
    pause_key: str = ""
    pause_timeout: datetime | None = None
    """Until when a suspended run waits; then Prefect ends it."""
    count: int = 0
    """How many times it began."""
    created: datetime
    scheduled: bool = False
    """Whether Prefect's own scheduler made it."""
    tags: tuple[str, ...] = ()
    idempotency_key: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Listed(Value):
    """What was found, and what of it Prefect cannot list or give."""

    runs: tuple[Run, ...]
    """Also those of `alone`."""
    alone: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """For people, who must look."""
        names = {run.id: run.name for run in self.runs}
        return notices({each: names[each] for each in self.alone if each in names}, self.unread)


class Moment(Value):
    """One line of a run's history."""

    when: datetime
    what: str
    state: str
    took: float | None = None
    """Seconds a task took; None for a state of the run itself."""


def run_of(data: dict[str, Any], flow: str) -> Run:
    """From the JSON of a flow run, and its flow's name."""
    state = data.get("state") or {}
    details = state.get("state_details") or {}
    created_by = data.get("created_by") or {}
    return Run(
        id=data["id"],
        name=one_line(data["name"]),
        flow=flow,
        deployment=data.get("deployment_id") or "",
        parameters=data.get("parameters") or {},
        state=state.get("type") or "SCHEDULED",
        state_name=state.get("name") or "",
        message=printable(state.get("message") or ""),
        since=state.get("timestamp") or data["created"],
        pause_key=details.get("pause_key") or "",
        pause_timeout=details.get("pause_timeout"),
        count=data.get("run_count", 0),
        created=data["created"],
        scheduled=bool(data.get("auto_scheduled")) or created_by.get("type") == "SCHEDULE",
        tags=tuple(data.get("tags") or ()),
        idempotency_key=data.get("idempotency_key") or "",
    )
