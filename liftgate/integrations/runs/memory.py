"""Runs in memory: the twin of Prefect, for tests that need runs which are kept, and no process that runs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count as counted
from threading import RLock
from typing import Final
from uuid import NAMESPACE_OID, UUID, uuid5

from liftgate.domain.common.installation import DEFAULT, deployment
from liftgate.domain.common.value import Json
from liftgate.domain.runs.parameters import check_parameter_key, check_parameters, storable
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.clock import Clock
from liftgate.integrations.runs.inputs import give_inputs, waits_for_inputs
from liftgate.integrations.runs.recent_inputs import RecentInputs
from liftgate.integrations.runs.run import Listed, Moment, Run

_LINES: Final = 200


@dataclass
class _Kept:
    """A run with all that is kept of it."""

    installation: str
    run: Run
    begun: datetime | None = None
    moments: list[Moment] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def when(self) -> datetime:
        return self.begun or self.run.created


class InMemoryRuns:
    """What Prefect's server is to several installations, and what it and its workers do by themselves."""

    def __init__(self, clock: Clock, ids: UUID = NAMESPACE_OID) -> None:
        """What is made of `ids` are those of the runs."""
        self.ids, self.lock = ids, RLock()
        self.kept: dict[str, _Kept] = {}
        self.forms: dict[tuple[str, str], Json] = {}
        self.heard: dict[tuple[str, str], datetime] = {}
        self.numbers = counted()
        self._clock, self._last = clock, clock.now()

    def runs(self, installation: str = DEFAULT) -> MemoryRuns:
        return MemoryRuns(self, installation)

    def deploy(self, installation: str, flow: str, schema: Json = None) -> None:
        """Register the flow, which takes what fits the schema."""
        self.forms[installation, flow] = schema or {}

    def suspend(self, run_id: str, key: str, form: Json = None, until: datetime | None = None) -> None:
        """As a flow does at its gate. Without a form it was killed before it wrote one."""
        with self.lock:
            self.put(run_id, "PAUSED", "Suspended", "", key, until)
            if form:
                self.kept[run_id].inputs.setdefault(_of_gate(key, "schema"), json.dumps(form))

    def remove(self, run_id: str) -> None:
        """As the engine's vacuum does with a run that ended long ago."""
        with self.lock:
            del self.kept[run_id]

    def log(self, run_id: str, *lines: str) -> None:
        self.kept[run_id].lines += lines

    def hear(self, installation: str, worker: str = "w") -> None:
        """A worker of the installation says that it lives."""
        self.heard[installation, worker] = self.now()

    def patch(self, run_id: str, **changes: Json) -> None:
        """As anyone who reaches the engine can change a run."""
        with self.lock:
            self.kept[run_id].run = self.kept[run_id].run.copy_with(**changes)

    def now(self) -> datetime:
        """No moment is another's, as in a database."""
        with self.lock:
            self._last = max(self._clock.now(), self._last + timedelta(microseconds=1))
            return self._last

    def put(
        self, run_id: str, kind: str, name: str, message: str, pause_key: str = "", until: datetime | None = None
    ) -> None:
        with self.lock:
            kept, now = self.kept[run_id], self.now()
            begins = kind == "RUNNING"
            kept.begun = kept.begun or (now if begins else None)
            resumes = (kept.run.resuming or name == "Resuming") and kind in ("SCHEDULED", "PENDING", "RUNNING")
            change = {"state": kind, "state_name": name, "message": storable(message), "since": now}
            count = {"count": kept.run.count + (begins and not resumes), "resuming": resumes and not begins}
            pause = {"pause_key": pause_key, "pause_timeout": until}
            kept.run = kept.run.copy_with(**(change | pause | count))
            kept.moments.append(Moment(when=now, what=storable(message), state=name))


class MemoryRuns:
    """The runs of one installation."""

    def __init__(self, engine: InMemoryRuns, installation: str) -> None:
        self._engine, self.name = engine, installation
        self._recent = RecentInputs()

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
        check_parameters(parameters)
        with self._engine.lock:
            self._fits(flow, parameters)
            if before := self._same(flow, idempotency_key):
                return self._given(before, inputs) if inputs and waits_for_inputs(before) else before
            number, now = next(self._engine.numbers), self._engine.now()
            run = Run(
                id=str(uuid5(self._engine.ids, str(number))),
                name=storable(name) or f"run-{number}",
                flow=flow,
                deployment=deployment(self.name, flow),
                parameters=json.loads(json.dumps(dict(parameters))),
                state="SCHEDULED",
                state_name="Scheduled",
                message="",
                since=now,
                created=now,
                tags=tuple(tags),
                idempotency_key=idempotency_key,
                begin=begin,
            )
            kept = _Kept(self.name, run, moments=[Moment(when=now, what="", state="Scheduled")])
            self._engine.kept[run.id] = kept
            if inputs:
                give_inputs(self, run, inputs)
            return run

    def _given(self, run: Run, inputs: Callable[[Run], Mapping[str, str]]) -> Run:
        give_inputs(self, run, inputs)
        self.set_state(run.id, "SCHEDULED", "Scheduled", "asked for")
        return self._kept(run.id).run

    def _same(self, flow: str, key: str) -> Run | None:
        found = (kept.run for kept in self._ours() if (kept.run.flow, kept.run.idempotency_key) == (flow, key))
        return next(found, None) if key else None

    def form(self, flow: str) -> Json:
        form = self._engine.forms.get((self.name, flow))
        if form is None:
            name = deployment(self.name, flow)
            raise Misconfigured(f'there is no deployment "{name}"; register it with: liftgate deploy')
        return form

    def set_form(self, flow: str, form: Json) -> None:
        self.form(flow)
        self._engine.deploy(self.name, flow, form)

    def flow_of(self, deployment_id: str) -> str:
        flow = deployment_id.partition("/")[0]
        return flow if deployment_id == deployment(self.name, flow) and (self.name, flow) in self._engine.forms else ""

    def read(self, run_id: str) -> Run | None:
        return next((kept.run for kept in self._ours() if kept.run.id == run_id), None)

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
        found = [
            kept
            for kept in self._ours()
            if kept.run.flow in flows
            and (not states or kept.run.state in states)
            and (not ids or kept.run.id in ids)
            and (since is None or kept.when >= since)
            and (ended is None or (kept.run.is_over and kept.run.since >= ended))
        ]
        found.sort(key=lambda kept: kept.when, reverse=True)
        return Listed(runs=tuple(kept.run for kept in found[:limit]))

    def history(self, run_id: str) -> list[Moment]:
        kept = self._engine.kept.get(run_id)
        return list(kept.moments) if kept else []

    def lines(self, run_id: str) -> list[str]:
        kept = self._engine.kept.get(run_id)
        return kept.lines[-_LINES:] if kept else []

    def heartbeats(self) -> dict[str, datetime]:
        return {worker: when for (name, worker), when in self._engine.heard.items() if name == self.name}

    def beat(self, worker: str) -> None:
        self._engine.hear(self.name, worker)

    def rename(self, run_id: str, name: str) -> None:
        with self._engine.lock:
            kept = self._kept(run_id)
            kept.run = kept.run.copy_with(name=storable(name))

    def inputs(self, run_id: str, prefix: str = "", *, within: float = 0.0) -> dict[str, str]:
        found = self._recent.read(run_id, within, lambda: self._inputs(run_id))
        return {key: value for key, value in found.items() if key.startswith(prefix)}

    def _inputs(self, run_id: str) -> dict[str, str]:
        with self._engine.lock:
            kept = self._engine.kept.get(run_id)
            return dict(kept.inputs) if kept else {}

    def add_input(self, run_id: str, key: str, value: str) -> bool:
        check_parameter_key(key)
        with self._engine.lock:
            inputs = self._kept(run_id).inputs
            if key in inputs:
                return False
            inputs[key] = storable(value)
            self._recent.forget(run_id)
            return True

    def resume(self, run_id: str, answer: Mapping[str, Json]) -> bool:
        with self._engine.lock:
            kept = self._kept(run_id)
            form = kept.inputs.get(_of_gate(kept.run.pause_key, "schema"))
            if kept.run.state != "PAUSED" or form is None or _fault(dict(answer), json.loads(form)):
                return False
            self.add_input(run_id, _of_gate(kept.run.pause_key, "response"), json.dumps(dict(answer)))
            return self.set_state(run_id, "SCHEDULED", "Resuming", "")

    def rerun(self, run_id: str, message: str) -> bool:
        return self.set_state(run_id, "SCHEDULED", "AwaitingRetry", message)

    def set_state(self, run_id: str, kind: str, name: str, message: str) -> bool:
        with self._engine.lock:
            self._kept(run_id)
            self._engine.put(run_id, kind, name, message)
            return True

    def _ours(self) -> list[_Kept]:
        with self._engine.lock:
            return [kept for kept in self._engine.kept.values() if kept.installation == self.name]

    def _kept(self, run_id: str) -> _Kept:
        if run_id not in self._engine.kept:
            raise Refused(f"there is no run {run_id}")
        return self._engine.kept[run_id]

    def _fits(self, flow: str, parameters: Mapping[str, Json]) -> None:
        if fault := _fault(dict(parameters), self.form(flow)):
            raise Refused(fault)


def _of_gate(key: str, part: str) -> str:
    return f"suspended-{key}-{part}"


def _fault(value: Json, schema: Json) -> str:
    """The first thing that does not fit; empty when all does."""
    if not schema:
        return ""
    from jsonschema import Draft202012Validator

    return next((error.message for error in Draft202012Validator(schema).iter_errors(value)), "")
