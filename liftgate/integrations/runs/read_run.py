"""A run of ours from the JSON of Prefect's flow run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from liftgate.domain.common.installation import prefixed
from liftgate.domain.common.plain import one_line, printable
from liftgate.integrations.runs.run import Run


def run_of(data: dict[str, Any], flow: str, installation: str) -> Run:
    """From the JSON of a flow run, its flow's name and whose it is."""
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
        resuming=(data.get("empirical_policy") or {}).get("resuming") or False,
        created=data["created"],
        begin=_later(details.get("scheduled_time"), state.get("timestamp")),
        scheduled=bool(data.get("auto_scheduled")) or created_by.get("type") == "SCHEDULE",
        tags=tuple(data.get("tags") or ()),
        idempotency_key=str(data.get("idempotency_key") or "").removeprefix(prefixed(installation, "")),
    )


def _later(when: str | None, since: str | None) -> datetime | None:
    """A scheduled time that is not just the moment when the run was scheduled."""
    if not when or not since:
        return None
    found = datetime.fromisoformat(when)
    return found if found - datetime.fromisoformat(since) > timedelta(seconds=1) else None
