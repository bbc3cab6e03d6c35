"""A Liftgate server over a real repository, the sandbox's Slack, and runs that a test puts into their states."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack.hands import signed
from liftgate_sandbox.slack.model import TEAM
from liftgate_sandbox.town import CHANNEL, SIGNING_SECRET
from sandbox_tests.plain import NO_CERTIFICATES, http
from starlette.applications import Starlette

from liftgate.domain.approval.request import REQUEST_KEY, Request, started
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.commits import signature
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.announcement import Place
from liftgate.domain.promotion.liveness import Holder
from liftgate.domain.runs.run_notes import PLAN
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.ledger import git_branch
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.integrations.runs.run import Run
from liftgate.server.app import application
from liftgate.services import session
from liftgate.services.choose_release import choose_release
from liftgate.services.key_holder import CheckedKeyHolder
from liftgate.services.notes import Notes
from liftgate.services.planning import promote
from liftgate.services.recovery import Recovery
from liftgate.settings import from_variables
from liftgate.wiring import Integrations
from tests.examples import NOW, SERVER, WORKER, entry, text, values
from tests.in_memory import InMemory
from tests.integrations.conftest import AUTHOR
from tests.integrations.runs.engines import Engine, RealPrefect
from tests.lab import FLOWS, WAIT, Lab, variables
from tests.places import place
from tests.prefect_server import PrefectApi
from tests.server.beginning import Over, begun, is_fetched
from tests.server.described import as_described

FORM = {
    "type": "object",
    "properties": {"approved": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["approved"],
}


@dataclass
class World:
    """`lab` has the servers and the repository; the installation is this test's own, with no worker."""

    lab: Lab
    at: Integrations
    worker: Integrations
    """Those of a flow: its key and its token are behind the checks."""
    url: str
    app: Starlette
    engine: Engine

    def http(self, person: str = "", **headers: str) -> httpx.Client:
        """A browser; with a person, signed in by a one-time link. What the API answers must be what it describes."""
        http = httpx.Client(verify=NO_CERTIFICATES, base_url=self.url, headers=headers, trust_env=False, timeout=30)
        http.event_hooks["response"].append(as_described)
        if person:
            link = httpx.URL(session.link(self.at, person))
            form = {"ticket": link.params["ticket"], "to": "/"}
            assert http.post("/sign-in", data=form, headers={"origin": self.url}).status_code == 303
        return http

    def board(self) -> str:
        """The board's page as it is now; on a busy machine a server may show an older one, or none, for a while."""
        http, until = self.http(), time.monotonic() + WAIT
        while (page := http.get("/")).status_code != 200 or "this is the board of" in page.text:
            assert time.monotonic() < until, page.text
            time.sleep(0.2)
        return page.text

    @property
    def name(self) -> str:
        """The installation's."""
        return self.at.settings.prefect.name

    def another(self, **changes: Any) -> Integrations:
        """Those of another server of the installation."""
        at = Integrations(self.at.settings.model_copy(update=changes))
        at.runs = self.at.runs
        return at

    def run(self, flow: str = "promote", **parameters: Any) -> str:
        """A new run, scheduled, that nobody takes."""
        usual = {"application": "example-app", "to": "prod", "release": "1.4.2"} if flow == "promote" else {}
        return self.at.runs.create(flow, usual | parameters).id

    def put(self, run: str, kind: str, name: str = "", message: str = "") -> None:
        """Force the run into the state."""
        assert self.at.runs.set_state(run, kind, name or kind.title(), message)

    def held(self, worker: str) -> str:
        """A new run that the worker of that name runs."""
        run = self.run()
        self.put(run, "PENDING")
        Notes(self.at.runs, run).keep_holder(Holder(worker=worker, since=self.read(run).since))
        self.put(run, "RUNNING")
        return run

    def plan(self) -> Plan:
        tree = self.at.tree(self.fetch())
        release = choose_release(tree, [], "example-app", "prod", "1.4.2")
        return promote(tree, release, "prod", NOW.date(), ())

    def waiting(
        self,
        requested_by: str = "rosa",
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
        if requested_by:
            self.request(run, requested_by)
        self.suspended(run, plan, waking=waking, form=form)
        self.at.runs.add_input(run, PLAN.key(gate), PLAN.text(kept or plan))
        if place:
            Notes(self.at.runs, run).keep_place(Place(channel=CHANNEL, ts=place))
        return run, plan.hash

    def suspended(
        self, run: str, plan: Plan | None = None, *, waking: int = 0, form: bool = False, until: datetime | None = None
    ) -> None:
        """As the flow suspends itself at the plan's gate."""
        key = f"{gate_name((plan or self.plan()).hash)}-{waking}"
        self.engine.suspend(run, key, FORM if form else None, until)

    def request(self, run: str, person: str) -> None:
        """As a Liftgate server with the key signs it; this one may have none."""
        seen = self.read(run)
        this = started(self.name, seen.flow, run, seen.parameters)
        asked = Request(started=this, person=person, at=NOW)
        self.at.runs.add_input(run, REQUEST_KEY, sign_statement(asked, SERVER, signature.VOTES))

    def read(self, run: str) -> Run:
        found = self.at.runs.read(run)
        assert found is not None
        return found

    def votes(self, run: str) -> list[str]:
        return [json.loads(text)["statement"]["person"] for text in self.at.runs.inputs(run, "vote-").values()]

    def shown(self, run: str, plan: str) -> str:
        """The digest of what people see besides the plan."""
        return Notes(self.at.runs, run).shown(plan).page

    def ballot(self, run: str, plan: str, decision: str = "approve", **more: str) -> dict[str, str]:
        """What the page and a program send: the decision, and the digests of what was shown."""
        return {"plan": plan, "shown": self.shown(run, plan), "decision": decision} | more

    def resumes(self, run: str) -> int:
        """How often the run was woken."""
        return self._states(run).count("Resuming")

    def reruns(self, run: str) -> int:
        return self._states(run).count("AwaitingRetry")

    def _states(self, run: str) -> list[str]:
        return [moment.state for moment in self.at.runs.history(run)]

    def committed(self, run: str, *, forged: bool = False) -> str:
        """The promotion's commit on the branch; of a liar, who has no key, only its words."""
        message = f"Promote\n\nPromotion-Id: {run}\nPromotion-Application: example-app\nPromotion-Environment: prod\n"
        return self.lab.commit(
            {"configs/prod/values.json": text(values("prod", "1.4.2"))}, message, None if forged else WORKER
        )

    def record(self, outcome: Entry) -> None:
        git_branch.append_entry(self.lab.remote, outcome, {}, AUTHOR, WORKER)
        self.fetch()

    def recovery(self) -> Recovery:
        self.fetch()
        return Recovery(self.at)

    def fetch(self) -> str:
        """What the server's mirror has not of the forge's; the branch's commit."""
        return self.at.git.head if is_fetched(self.lab.remote.directory, self.at.git.directory) else self.at.git.fetch()

    def press(self, person: str, place: str, run: str, plan: str, **changes: Any) -> httpx.Response:
        """A button as Slack sends it, signed; `changes` go into the payload."""
        value = {"promotion": run, "plan": plan, "shown": self.shown(run, plan) if len(run) == 36 else ""}
        slack = {"ada": "U01ADA", "grace": "U02GRACE", "rosa": "U03ROSA"}.get(person, person)
        payload = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": slack, "team_id": TEAM},
            "container": {"channel_id": CHANNEL, "message_ts": place},
            "actions": [
                {
                    "action_id": "approve",
                    "value": json.dumps(value),
                }
            ],
        } | changes
        return self.post_slack(urlencode({"payload": json.dumps(payload)}))

    def post_slack(self, body: str, **headers: str) -> httpx.Response:
        good = signed(SIGNING_SECRET, body, int(time.time()))
        return http.post(f"{self.url}/slack/interactions", content=body.encode(), headers=good | headers)


@contextmanager
def server_world(
    folder: Path,
    prefect: PrefectApi | None = None,
    timings: Timings | None = None,
    is_deployed: bool = False,
    /,
    **more: str,
) -> Iterator[World]:
    """1.4.1 is everywhere. Argo CD has an Application for each environment if it `is_deployed`; `timings` are those
    that were measured, or quicker ones. The sweep runs only when a test calls it."""
    name = f"server{uuid4().hex[:8]}"
    memory = InMemoryRuns(
        SystemClock(), uuid4()
    )  # those of other worlds with the same commits are known in this process
    server, engine = (
        (prefect, RealPrefect(prefect)) if prefect else (InMemory("", name, folder, folder, memory), memory)
    )
    for flow in FLOWS:
        engine.deploy(name, flow)
    with place() as here, begun(here, folder / "town", timings, is_deployed=is_deployed) as town:
        lab = Lab(server, town, folder)
        with serve(late := Late(), port=here.ports[-1]) as served:
            mine = {"LIFTGATE_PREFECT__NAME": name, "LIFTGATE_SERVER__URL": served.url}
            at = Integrations(from_variables(variables(lab) | mine | more))
            at.runs = engine.runs(name)
            if not here.lay("mirror", at.git.directory):
                at.git.fetch()
                here.keep("mirror", at.git.directory)
            late.app = application(at)
            town.slack.store.change(interactivity_url=f"{served.url}/slack/interactions")
            try:
                yield World(lab, at, worker_of(at), served.url, late.app, engine)
            finally:
                vars(at)["git"] = Over()


@contextmanager
def deployed_world(folder: Path, /, **more: str) -> Iterator[World]:
    """The same with a quick Argo CD, which has brought 1.4.1 everywhere."""
    with server_world(folder, None, Timings.fast(), True, **more) as world:
        yield world


def worker_of(at: Integrations) -> Integrations:
    """As a flow has them: beside a holder of the keys, which checks in this process what the signer process checks."""
    holder = Integrations(at.settings)
    holder.runs = at.runs
    flow = Integrations(at.settings)
    flow.runs, flow.key_holder = at.runs, CheckedKeyHolder(holder)
    return flow


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
