"""Runs that wait at a gate: the flow brings one there, and each other one is set up in Prefect as the flow left it, for
another application."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from liftgate.domain.approval.request import REQUEST_KEY
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.planning.plan_value import Plan
from liftgate.domain.runs.run_notes import PLAN
from liftgate.services.notes import Notes
from liftgate.services.planned import plan_under_way
from liftgate.services.requests import sign_request, who_asked
from liftgate.wiring import Integrations

Ask = Callable[[str, Any], Any]
"""Prefect's answer to a POST of this path with this body."""
AT_ONCE: Final = 4
"""Runs that are made at the same time: some of Prefect's work is waiting for its database."""
_OF_A_RUN: Final = ("flow_id", "deployment_id", "work_pool_name", "work_queue_name", "tags")
_OF_A_PAUSE: Final = ("pause_timeout", "pause_reschedule", "pause_key", "run_input_keyset")


class Waiting:
    """A run that waits, as Prefect gives it."""

    def __init__(self, at: Integrations, ask: Ask, run: dict[str, Any]) -> None:
        self._at, self._ask, self._run = at, ask, run
        self._application = run["parameters"]["application"]
        (self._plan,) = Notes(at.runs, run["id"]).plans()
        self._inputs = at.runs.inputs(run["id"])
        first = at.runs.read(run["id"])
        self._person = who_asked(at, at.latest, first).name if first else ""

    def for_each(self, applications: Iterable[str]) -> Iterator[str]:
        """The same for each of these applications, several at once; the ids of the runs as they are made."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield from pool.map(self.again, applications)

    def again(self, application: str) -> str:
        """The same for another application of the repository; the id of its run."""
        run = self._made(application)
        seen = self._at.runs.read(run)
        plan = plan_under_way(self._at, self._at.latest, seen).plan if seen else None
        if seen is None or plan is None:
            raise SystemExit(f"there is no plan for {application}")
        for key, text in self._inputs.items():
            signed = sign_request(self._at, seen, self._person) if key == REQUEST_KEY else ""
            self._at.runs.add_input(run, self._changed(key, plan), signed or self._changed(text, plan))
        details = {key: self._run["state"]["state_details"][key] for key in _OF_A_PAUSE}
        state = {key: self._run["state"][key] for key in ("type", "name", "message")}
        state["state_details"] = json.loads(self._changed(json.dumps(details), plan))
        self._ask(f"/flow_runs/{run}/set_state", {"state": state, "force": True})
        return run

    def _made(self, application: str) -> str:
        """It runs, so that no worker takes it."""
        wanted = {key: self._run[key] for key in _OF_A_RUN}
        name = self._run["name"].replace(self._application, application)
        wanted |= {"name": name, "parameters": self._run["parameters"] | {"application": application}}
        return str(self._ask("/flow_runs/", wanted | {"state": {"type": "RUNNING"}})["id"])

    def _changed(self, text: str, plan: Plan) -> str:
        """The text of a key or an input, about the other application's plan."""
        pairs = (
            (PLAN.text(self._plan), PLAN.text(plan)),
            (self._plan.hash, plan.hash),
            (gate_name(self._plan.hash), gate_name(plan.hash)),
            (self._application, plan.application),
        )
        for old, new in pairs:
            text = text.replace(old, new)
        return text
