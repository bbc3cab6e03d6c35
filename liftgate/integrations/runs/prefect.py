"""Prefect's REST API (docs.prefect.io, API reference 3): start, read, wake and re-run flow runs, keep their inputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from liftgate.domain.common.installation import DEFAULT, deployment, prefixed
from liftgate.domain.common.value import Json
from liftgate.domain.promotion.recovery_rules import HELD
from liftgate.domain.runs.parameters import check_parameter_key, check_parameters, storable
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations import time_limit
from liftgate.integrations.http import client, error_of, json_of, message_of, send
from liftgate.integrations.runs.inputs import give_inputs, waits_for_inputs
from liftgate.integrations.runs.listing import WHO, Listing
from liftgate.integrations.runs.long_list import KEPT, LongList
from liftgate.integrations.runs.read_run import run_of
from liftgate.integrations.runs.recent_inputs import RecentInputs
from liftgate.integrations.runs.run import Listed, Moment, Run

_GAPS = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)
"""Pauses between tries; SQLite answers 503 under the lightest load, also minutes after a suspension."""
_HELD = {"type": "PAUSED", "name": HELD}
"""The state of a run that has yet to get its inputs. Prefect keeps the time of a run's first scheduled state for good,
and its pages list the run under it; so the first state is not one that is scheduled far ahead."""
_AHEAD = timedelta(minutes=1)
"""A run for a later time is scheduled at once, if there is this much time for its inputs."""
_PAGE = 200
"""The most that Prefect gives at once."""


class Prefect:
    gaps: tuple[float, ...] = _GAPS
    """Who waits in front of a terminal sets fewer."""

    def __init__(self, api_url: str, auth_string: str = "", name: str = DEFAULT) -> None:
        """`name` is the installation's."""
        if not api_url:
            raise Misconfigured("no Prefect server: liftgate up starts one; or set LIFTGATE_PREFECT__API_URL")
        self.name = name
        self._http = client(api_url.rstrip("/"), {}, auth=credentials(auth_string))
        self._flows: dict[str, str] = {}
        self._listing = Listing(self._send)
        self._recent = RecentInputs()
        self._long_list = LongList(self._send, self._listing, self._readable, _PAGE)

    def create(  # noqa: PLR0913  a new run has this many sides
        self,
        flow: str,
        parameters: Mapping[str, Json],
        *,
        idempotency_key: str = "",
        tags: Sequence[str] = (),
        name: str = "",
        begin: datetime | None = None,
        inputs: Callable[[Run], Mapping[str, str]] | None = None,
    ) -> Run:
        """Start a run of the installation's deployment of the flow; the same key gives the run that was made before.

        With `inputs` (made from the run as Prefect stored it) the run is made for later, given them, and only then
        scheduled, so that it never begins without. Raises Refused when the parameters do not fit.
        """
        check_parameters(parameters)
        identity = self._deployment(flow)["id"]
        body: dict[str, Any] = {"parameters": dict(parameters), "tags": list(tags)}
        body |= {"idempotency_key": prefixed(self.name, idempotency_key)} if idempotency_key else {}
        body |= {"name": name} if name else {}
        later = begin is not None and begin - datetime.now(UTC) > _AHEAD
        if inputs or begin:
            body["state"] = _scheduled(begin) if later or not inputs else _HELD
        response = self._send("POST", f"/deployments/{identity}/create_flow_run", json=body)
        if response.status_code == 409:
            raise Refused(message_of(response).removeprefix("Error creating flow run: "))
        made = json_of(response, WHO)
        run = self._run(made)
        if inputs and ((later and response.status_code == 201) or waits_for_inputs(run)):
            give_inputs(self, run, inputs)
            state = _scheduled(begin) | {"name": "Scheduled", "message": "asked for"}
            self._set_state(run.id, state, force=True)
            run = run.copy_with(state=state["type"], state_name=state["name"])
        return run.copy_with(begin=begin)

    def form(self, flow: str) -> Json:
        return self._deployment(flow)["parameter_openapi_schema"] or {}

    def set_form(self, flow: str, form: Json) -> None:
        self._change(f"/deployments/{self._deployment(flow)['id']}", parameter_openapi_schema=form)

    def flow_of(self, deployment_id: str) -> str:
        """The flow that this deployment of the installation runs; empty for any other deployment."""
        response = self._send("GET", f"/deployments/{deployment_id}")
        if response.status_code in (404, 422):
            return ""
        found = json_of(response, WHO)
        flow = self._flow(str(found["flow_id"]))
        return flow if deployment(self.name, flow) == f"{flow}/{found['name']}" else ""

    def read(self, run_id: str) -> Run | None:
        """None for what is no run of this installation. A subflow's run has no work pool, and is read."""
        response = self._send("GET", f"/flow_runs/{run_id}")
        if response.status_code in (404, 422):
            return None
        data = json_of(response, WHO)
        return self._run(data) if data.get("work_pool_name") in (None, self.name) else None

    def find(
        self,
        *,
        flows: Sequence[str],
        states: Sequence[str] = (),
        since: datetime | None = None,
        ended: datetime | None = None,
        ids: Sequence[str] = (),
        limit: int | None = None,
    ) -> Listed:
        """Read by pages; it goes on around a run that Prefect cannot list. Of many that wait, only what changed."""
        wanted: dict[str, Any] = {}
        if states:
            wanted["state"] = {"type": {"any_": list(states)}}
        for key, after in {"start_time": since, "end_time": ended}.items():
            wanted |= {key: {"after_": after.isoformat()}} if after else {}
        if ids:
            wanted["id"] = {"any_": list(ids)}
        body: dict[str, Any] = {"flows": {"name": {"any_": list(flows)}}, "flow_runs": wanted}
        body |= {"work_pools": {"name": {"any_": [self.name]}}, "sort": "START_TIME_DESC"}
        may_be_long = KEPT in states and not (since or ended or ids or limit)
        if may_be_long and self._long_list.is_long:
            return self._long_list.find(body)
        runs, alone, unread = dict[str, Run](), list[str](), list[str]()
        seen, most = 0, math.inf if limit is None else limit
        while seen < most:
            more = {"limit": int(min(_PAGE, most - seen)), "offset": seen}
            page = self._listing.page(body | more)
            read = {item["id"]: self._readable(item) for item in page.runs}
            runs |= {each: run for each, run in read.items() if run}
            unread += [each for each, run in read.items() if run is None]
            alone, unread, seen = [*alone, *page.alone], [*unread, *page.unread], seen + page.length
            if page.length < more["limit"]:
                break
            if may_be_long:
                return self._long_list.find(body)
        return Listed(runs=tuple(runs.values()), alone=tuple(alone), unread=tuple(unread))

    def _readable(self, item: dict[str, Any]) -> Run | None:
        """None for a run that is none of ours to understand: it stops no other."""
        try:
            return self._run(item)
        except (Refused, ValueError, LookupError, TypeError):
            return None

    def history(self, run_id: str) -> list[Moment]:
        """The run's states and its tasks, in the order of their beginnings."""
        states = self._json("GET", f"/flow_run_states/?flow_run_id={run_id}")
        wanted = {"flow_runs": {"id": {"any_": [run_id]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": _PAGE}
        tasks = self._json("POST", "/task_runs/filter", json=wanted)
        moments = [
            Moment(when=s["timestamp"], what=s.get("message") or "", state=s.get("name") or s["type"]) for s in states
        ]
        moments += [
            Moment(when=t["start_time"], what=t["name"], state=t.get("state_name") or "", took=t.get("total_run_time"))
            for t in tasks
            if t.get("start_time")
        ]
        return sorted(moments, key=lambda moment: moment.when)

    def lines(self, run_id: str) -> list[str]:
        """The newest lines of the run's log, oldest first."""
        wanted = {"logs": {"flow_run_id": {"any_": [run_id]}}, "sort": "TIMESTAMP_DESC", "limit": _PAGE}
        return [str(line["message"]) for line in reversed(self._json("POST", "/logs/filter", json=wanted))]

    def heartbeats(self) -> dict[str, datetime]:
        """When each worker of the installation was last heard from; Prefect lists the newest first."""
        response = self._send("POST", f"/work_pools/{self.name}/workers/filter", json={"limit": _PAGE})
        workers = [] if response.status_code == 404 else json_of(response, WHO)
        heard = {each["name"]: each.get("last_heartbeat_time") for each in workers}
        return {name: datetime.fromisoformat(when) for name, when in heard.items() if when}

    def beat(self, worker: str) -> None:
        response = self._send("POST", f"/work_pools/{self.name}/workers/heartbeat", json={"name": worker})
        if not response.is_success:
            raise error_of(response, WHO)

    def rename(self, run_id: str, name: str) -> None:
        response = self._send("PATCH", f"/flow_runs/{run_id}", json={"name": storable(name)})
        if not response.is_success:
            raise error_of(response, WHO)

    def inputs(self, run_id: str, prefix: str = "", *, within: float = 0.0) -> dict[str, str]:
        if prefix and not within:
            return self._inputs(run_id, prefix)
        found = self._recent.read(run_id, within, lambda: self._inputs(run_id))
        return {key: value for key, value in found.items() if key.startswith(prefix)}

    def _inputs(self, run_id: str, prefix: str = "") -> dict[str, str]:
        """By pages; Prefect takes `_` and `%` of the prefix for wildcards."""
        found: dict[str, str] = {}
        while True:
            wanted = {"prefix": prefix, "limit": _PAGE, "exclude_keys": list(found)}
            rows = self._json("POST", f"/flow_runs/{run_id}/input/filter", json=wanted)
            seen = len(found)
            found |= {row["key"]: row["value"] for row in rows}
            if len(rows) < _PAGE or len(found) == seen:
                return {key: value for key, value in found.items() if key.startswith(prefix)}

    def add_input(self, run_id: str, key: str, value: str, sender: str = "liftgate") -> bool:
        """Store it; False when the run has one under this key already (it stays as it was)."""
        check_parameter_key(key)
        body = {"key": key, "value": storable(value), "sender": sender}
        response = self._send("POST", f"/flow_runs/{run_id}/input", json=body)
        self._recent.forget(run_id)
        if response.status_code == 409:
            return False
        if not response.is_success:
            raise error_of(response, WHO)
        return True

    def resume(self, run_id: str, answer: Mapping[str, Json]) -> bool:
        """Wake a suspended run; False when it is not suspended (any more).

        Success stands in the body, not in the status; the form's schema appears a moment after the suspension, and
        of those who resume in one moment all but one are answered 409: looking again tells whether it was woken.
        """
        for pause in (*_GAPS, None):
            response = self._send("POST", f"/flow_runs/{run_id}/resume", json={"run_input": dict(answer)})
            result = {} if response.status_code == 409 else json_of(response, WHO)
            if result.get("status") == "ACCEPT":
                return True
            reason = str(result.get("details", {}).get("reason", ""))
            if pause is None or (result and "schema not found" not in reason):
                return False
            time_limit.pause(pause, Unavailable(f"{WHO} did not resume the run: {reason}"))
        return False

    def rerun(self, run_id: str, message: str) -> bool:
        """Let the run begin again from its first line, with its id, parameters and inputs."""
        return self.set_state(run_id, "SCHEDULED", "AwaitingRetry", message)

    def set_state(self, run_id: str, kind: str, name: str, message: str, *, force: bool = True) -> bool:
        return self._set_state(run_id, {"type": kind, "name": name, "message": storable(message)}, force=force)

    def _set_state(self, run_id: str, state: dict[str, Any], *, force: bool) -> bool:
        result = self._json("POST", f"/flow_runs/{run_id}/set_state", json={"state": state, "force": force})
        return bool(result["status"] == "ACCEPT")

    def _run(self, data: dict[str, Any]) -> Run:
        return run_of(data, self._flow(str(data.get("flow_id", ""))), self.name)

    def _flow(self, identity: str) -> str:
        """The flow's name."""
        if identity not in self._flows:
            self._flows[identity] = str(self._json("GET", f"/flows/{identity}")["name"])
        return self._flows[identity]

    def _deployment(self, flow: str) -> Json:
        return self._json("GET", f"/deployments/name/{deployment(self.name, flow)}")

    def _change(self, path: str, **fields: Json) -> None:
        response = self._send("PATCH", path, json=fields)
        if not response.is_success:
            raise error_of(response, WHO)

    def _json(self, method: str, path: str, **options: Any) -> Any:
        response = self._send(method, path, **options)
        if response.status_code == 404 and path.startswith("/deployments/name/"):
            name = path.removeprefix("/deployments/name/")
            raise Misconfigured(f'Prefect has no deployment "{name}"; register it with: liftgate deploy')
        return json_of(response, WHO)

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """With a few more tries: a server that restarts, or a busy database, heals within seconds."""
        for pause in self.gaps:
            try:
                response = send(self._http, WHO, method, path, **options)
            except Unavailable as error:
                time_limit.pause(pause, error)
                continue
            if response.status_code != 503:
                return response
            time_limit.pause(pause, error_of(response, WHO))
        return send(self._http, WHO, method, path, **options)


def credentials(auth_string: str) -> httpx.BasicAuth | None:
    """Sent with the first request already: Prefect's 401 does not ask for them. None where there are none."""
    user, _, password = auth_string.partition(":")
    return httpx.BasicAuth(user, password) if auth_string else None


def _scheduled(when: datetime | None) -> dict[str, Any]:
    """A state; without a time it is due now."""
    return {"type": "SCHEDULED"} | ({"state_details": {"scheduled_time": when.isoformat()}} if when else {})
