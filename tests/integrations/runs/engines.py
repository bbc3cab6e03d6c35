"""What a test plays of the engine that runs the flows, on a real Prefect server and on its twin in memory."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Protocol

from liftgate.domain.common.installation import prefixed
from liftgate.domain.common.value import Json
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs import Runs
from tests.prefect_server import PrefectApi

NEVER = "2100-01-01T00:00:00Z"


class Engine(Protocol):
    def runs(self, installation: str) -> Runs: ...

    def deploy(self, installation: str, flow: str, schema: Json = None) -> None:
        """Register the flow, which takes what fits the schema."""

    def suspend(self, run_id: str, key: str, form: Json = None, until: datetime | None = None) -> None:
        """As a flow does at its gate. Without a form it was killed before it wrote one."""

    def patch(self, run_id: str, **changes: Json) -> None:
        """As anyone who reaches the engine can change a run."""

    def remove(self, run_id: str) -> None:
        """As the engine's vacuum does with a run that ended long ago."""

    def log(self, run_id: str, *lines: str) -> None: ...

    def hear(self, installation: str, worker: str = "w") -> None:
        """A worker of the installation says that it lives."""


class RealPrefect:
    """By its REST, so that no test waits for a flow."""

    def __init__(self, server: PrefectApi) -> None:
        self._server = server

    def runs(self, installation: str) -> Runs:
        return self._server.runs_of(installation)

    def deploy(self, installation: str, flow: str, schema: Json = None) -> None:
        self._server.runs_of(installation).ensure_pool()
        form = {"parameter_openapi_schema": schema, "enforce_parameter_schema": True} if schema else {}
        self._server.deploy(f"x.{flow}", pool=installation, name=prefixed(installation, flow), **form)

    def suspend(self, run_id: str, key: str, form: Json = None, until: datetime | None = None) -> None:
        names = {part: f"suspended-{key}-{part}" for part in ("schema", "description", "response")}
        details = {"pause_key": key, "pause_reschedule": True, "run_input_keyset": names}
        details["pause_timeout"] = until.isoformat() if until else NEVER
        state: dict[str, Any] = {"type": "PAUSED", "name": "Suspended", "state_details": details}
        self._server.call("POST", f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})
        if form:
            self._server.runs.add_input(run_id, names["schema"], json.dumps(form))

    def patch(self, run_id: str, **changes: Json) -> None:
        self._server.call("PATCH", f"/flow_runs/{run_id}", changes)

    def log(self, run_id: str, *lines: str) -> None:
        now, usual = SystemClock().now(), {"flow_run_id": run_id, "level": 20, "name": "test"}
        after = (now + timedelta(microseconds=number) for number in range(len(lines)))
        body = [usual | {"message": line, "timestamp": at.isoformat()} for line, at in zip(lines, after, strict=True)]
        self._server.call("POST", "/logs/", body)

    def remove(self, run_id: str) -> None:
        self._server.call("DELETE", f"/flow_runs/{run_id}")

    def hear(self, installation: str, worker: str = "w") -> None:
        self._server.call("POST", f"/work_pools/{installation}/workers/heartbeat", {"name": worker})
