"""A gatehouse over a real Prefect server, a real repository and the sandbox's Slack; runs are put into their states
by Prefect's own REST, so that no test waits for a flow."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from starlette.applications import Starlette

from liftgate.domain import signature, vote
from liftgate.domain.announcement import Place
from liftgate.domain.ledger import Entry
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import MESSAGE
from liftgate.domain.vote import gate_name
from liftgate.gatehouse.app import application
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.run import Run
from liftgate.sandbox.serve import serve
from liftgate.sandbox.slack.hands import signed
from liftgate.sandbox.town import CHANNEL, SIGNING_SECRET, Town
from liftgate.services import session
from liftgate.services.candidates import choose
from liftgate.services.planning import promote
from liftgate.services.recovery import Sweep
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import GATEHOUSE, NOW, WORKER, entry, text, values
from tests.integrations.conftest import AUTHOR
from tests.lab import Lab, configured, seed, variables
from tests.plain import NOBODY, http
from tests.prefect_server import PrefectApi

RULES = {"prod": {"approvals": {"needed": 1, "from": ["ada", "grace", "rosa"]}}}


@dataclass
class World:
    """`lab` has the servers and the repository; `pool` is this test's own, with no worker in it."""

    lab: Lab
    at: Integrations
    url: str
    app: Starlette
    pool: str
    deployments: dict[str, str] = field(default_factory=dict)

    def http(self, person: str = "", **headers: str) -> httpx.Client:
        """A browser; with a person, signed in by a one-time link."""
        http = httpx.Client(verify=NOBODY, base_url=self.url, headers=headers, trust_env=False, timeout=30)
        if person:
            link = httpx.URL(session.link(self.at, person))
            form = {"ticket": link.params["ticket"], "to": "/"}
            assert http.post("/sign-in", data=form, headers={"origin": self.url}).status_code == 303
        return http

    def run(self, flow: str = "promote", **parameters: Any) -> str:
        """A new run, scheduled, that nobody takes."""
        if flow not in self.deployments:
            found = self.lab.prefect.call("POST", "/flows/", {"name": flow})
            body = {"name": self.pool, "flow_id": found["id"], "entrypoint": "x.y", "work_pool_name": self.pool}
            self.deployments[flow] = self.lab.prefect.call("POST", "/deployments/", body)["id"]
        usual = {"application": "example-app", "to": "prod", "release": "1.4.2"} if flow == "promote" else {}
        return self.lab.prefect.run(self.deployments[flow], **usual | parameters)

    def put(self, run: str, kind: str, name: str = "", message: str = "", **details: Any) -> None:
        """Force the run into the state."""
        state: dict[str, Any] = {"type": kind, "name": name or kind.title(), "message": message}
        state |= {"state_details": details} if details else {}
        self.lab.prefect.call("POST", f"/flow_runs/{run}/set_state", {"state": state, "force": True})

    def plan(self) -> Plan:
        tree = self.at.tree(self.at.git.fetch())
        release = choose(tree, [], "example-app", "prod", "1.4.2", check=False)
        return promote(tree, release, "prod", NOW.date())

    def waiting(
        self,
        asked_by: str = "rosa",
        *,
        place: str = "",
        form: bool = True,
        waking: int = 0,
        kept: Plan | None = None,
        verified: bool = True,
    ) -> tuple[str, str]:
        """A run suspended at prod's gate, and the digest of its plan; with its message at `place` (a ts). Of a liar
        Prefect keeps another plan. Staging has verified the release, or not."""
        plan = self.plan()
        if verified:
            self.record(entry(release=plan.release_id, source=plan.source))
        gate = gate_name(plan.hash)
        run = self.run()
        if asked_by:
            self.request(run, asked_by)
        names = self.suspended(run, plan, waking=waking)
        self.at.runs.add_input(run, f"plan-{gate}", (kept or plan).model_dump_json())
        if form:
            shape = {"type": "object", "properties": {"approved": {"type": "boolean"}, "reason": {"type": "string"}}}
            self.at.runs.add_input(run, names["schema"], json.dumps(shape | {"required": ["approved"]}))
        if place:
            self.at.runs.add_input(run, MESSAGE, Place(channel=CHANNEL, ts=place).model_dump_json())
        return run, plan.hash

    def suspended(
        self, run: str, plan: Plan | None = None, *, waking: int = 0, until: datetime | None = None
    ) -> dict[str, str]:
        """As the flow suspends itself at the plan's gate; the keys of its form."""
        key = f"{gate_name((plan or self.plan()).hash)}-{waking}"
        names = {part: f"suspended-{key}-{part}" for part in ("schema", "description", "response")}
        details: dict[str, Any] = {
            "pause_key": key,
            "pause_reschedule": True,
            "pause_timeout": until.isoformat() if until else "2100-01-01T00:00:00Z",
            "run_input_keyset": names,
        }
        self.put(run, "PAUSED", "Suspended", **details)
        return names

    def request(self, run: str, person: str) -> None:
        asked = vote.Request(run=run, person=person, at=NOW)
        signed_by = signature.sign(vote.signable(asked), GATEHOUSE, signature.VOTES)
        self.at.runs.add_input(run, vote.REQUEST_KEY, vote.attested(asked, signed_by))

    def read(self, run: str) -> Run:
        found = self.at.runs.read(run)
        assert found is not None
        return found

    def votes(self, run: str) -> list[str]:
        return [json.loads(text)["statement"]["person"] for text in self.at.runs.inputs(run, "vote-").values()]

    def resumes(self, run: str) -> int:
        """How often the run was woken."""
        states = self.lab.prefect.call("GET", f"/flow_run_states/?flow_run_id={run}")
        return sum(state["name"] == "Resuming" for state in states)

    def reruns(self, run: str) -> int:
        states = self.lab.prefect.call("GET", f"/flow_run_states/?flow_run_id={run}")
        return sum(state["name"] == "AwaitingRetry" for state in states)

    def committed(self, run: str, *, forged: bool = False) -> str:
        """The promotion's commit on the branch; of a liar, who has no key, only its words."""
        message = f"Promote\n\nPromotion-Id: {run}\nPromotion-Application: example-app\nPromotion-Environment: prod\n"
        return self.lab.commit(
            {"configs/prod/values.json": text(values("prod", "1.4.2"))}, message, None if forged else WORKER
        )

    def record(self, outcome: Entry) -> None:
        mirror = self.lab.mirror("recorder")
        mirror.fetch()
        git_branch.append(mirror, outcome, None, AUTHOR, WORKER)
        self.at.git.fetch()

    def sweep(self) -> Sweep:
        self.at.git.fetch()
        return Sweep(self.at)

    def press(self, person: str, place: str, run: str, plan: str, **changes: Any) -> httpx.Response:
        """A button as Slack sends it, signed; `changes` go into the payload."""
        slack = {"ada": "U01ADA", "grace": "U02GRACE", "rosa": "U03ROSA"}.get(person, person)
        payload = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": slack, "team_id": "T1"},
            "container": {"channel_id": CHANNEL, "message_ts": place},
            "actions": [{"action_id": "approve", "value": json.dumps({"promotion": run, "plan": plan})}],
        } | changes
        return self.post_slack(urlencode({"payload": json.dumps(payload)}))

    def post_slack(self, body: str, **headers: str) -> httpx.Response:
        good = signed(SIGNING_SECRET, body, int(time.time()))
        return http.post(f"{self.url}/slack/interactions", content=body.encode(), headers=good | headers)


@contextmanager
def gatehouse(folder: Path, prefect: PrefectApi, **more: str) -> Iterator[World]:
    """1.4.1 is everywhere, and Argo CD has no Application yet; the sweep runs only when a test calls it."""
    pool = f"gatehouse-{uuid4().hex[:8]}"
    prefect.call("POST", "/work_pools/", {"name": pool, "type": "process"})
    with Town(folder / "town") as town:
        lab = Lab(prefect, town, folder)
        seed(lab, configured(lab, policy=RULES))
        with serve(late := Late()) as served:
            mine = {"LIFTGATE_PREFECT__POOL": pool, "LIFTGATE_GATEHOUSE__URL": served.url}
            at = Integrations(from_variables(variables(lab) | mine | more))
            at.git.fetch()
            late.app = application(at)
            town.slack.store.change(interactivity_url=f"{served.url}/slack/interactions")
            yield World(lab, at, served.url, late.app, pool)


class Late:
    """An application that is known only after its address is."""

    app: Starlette

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


def wait_until(is_so: Any, within: float = 30.0) -> None:
    end = SystemClock().monotonic() + within
    while not is_so():
        assert SystemClock().monotonic() < end, "it did not become so in time"
        time.sleep(0.05)
