"""A whole small world for flow tests: sandbox servers, a configuration repository, and deployments on real Prefect."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liftgate_sandbox.town import BOT, BOT_TOKEN, CHANNEL, PEOPLE, PROJECT, REPOSITORY, SIGNING_SECRET, Town, token_of
from sandbox_tests.plain import eventually, http

from liftgate.domain.approval import vote
from liftgate.domain.approval.vote import gate_name
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.history import Change, history
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from liftgate.integrations.ledger import git_branch
from liftgate.runtime import own_settings
from liftgate.services.notes import Notes
from liftgate.services.requests import start_for_person
from liftgate.settings import Settings, from_variables
from liftgate.wiring import Integrations
from tests.at_the_forge import AtTheForge
from tests.committing import AUTHOR, MAIN, commit, commit_and_push
from tests.examples import ALLOWED_SIGNERS, NOW, SEED, SERVER, WORKER, private_text, text, values
from tests.prefect_server import PrefectApi
from tests.signed import cast_vote
from tests.worker_program import lend

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key

FLOWS, WAIT = ("promote", "update", "rollback", "nightly", "take-over"), 240.0
LOGS_SETTLE = 4.0


@dataclass
class Lab:
    prefect: PrefectApi
    town: Town
    folder: Path
    began: str = field(default_factory=lambda: SystemClock().now().isoformat())
    slept: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    deployments: dict[str, str] = field(default_factory=dict)

    def mirror(self, name: str = "test", who: str = BOT) -> Mirror:
        mirror = Mirror(self.folder / name, self.town.repository_url, "main", sign_in(who, token_of(who)))
        mirror.prepare()
        return mirror

    @cached_property
    def remote(self) -> AtTheForge:
        return AtTheForge(self.town.forge, REPOSITORY, BOT)

    def push(self, sha: str, ref: str = MAIN, who: str = "ada") -> str:
        """As if the person had pushed the commit, which was written into `remote`."""
        bare = self.town.forge.bare(REPOSITORY)
        old = bare.ref(ref) or ""
        assert bare.update_ref(ref, sha, old or "0" * 40)
        self.town.forge.pushed(REPOSITORY, who, ref, old, sha)
        return sha

    def commit(self, files: Mapping[str, bytes | None], message: str = "by hand\n", key: Key | None = None) -> str:
        """Somebody's own commit on main (or with its key the worker's); written files replace what was there."""
        if not key:
            return commit_and_push(self.town.forge, REPOSITORY, "ada", files, message)
        there, head = self.remote, self.remote.head
        return self.push(there.write(head, files, message, NOW, AUTHOR, key))

    def deploy(self) -> None:
        """Register the flows on the test run's server, and give the worker this lab's settings."""
        lend(self.prefect.worker, own_settings.own("worker", from_variables(self.variables)))
        for name in FLOWS:
            module = name.replace("-", "_")
            self.deployments[name] = self.prefect.deploy(f"flows.{module}.{module}")

    def start(self, flow: str, **parameters: Any) -> str:
        return self.prefect.run(self.deployments[flow], **parameters)

    def ended(self, run: str, within: float = WAIT) -> Any:
        """The run's final state, as Prefect's REST has it."""
        state: Any = {}

        def is_over() -> bool:
            nonlocal state
            state = self.prefect.read(run)["state"]
            return state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")

        assert eventually(is_over, within=within, every=0.4), f"still {state}"
        return state

    def ended_chain(self, environment: str, within: float = WAIT) -> Any:
        """The run that was started for the environment by the one before it, once it is over."""
        found: list[Any] = []

        def is_started() -> bool:
            nonlocal found
            found = self.runs_of(environment)
            return bool(found)

        assert eventually(is_started, within=within, every=0.4), f"no run for {environment}"
        return self.ended(found[0]["id"], within)

    def runs_of(self, environment: str) -> list[Any]:
        """This lab's promote runs for the environment."""
        wanted = {
            "deployment_id": {"any_": [self.deployments["promote"]]},
            "expected_start_time": {"after_": self.began},
        }
        found = self.prefect.call("POST", "/flow_runs/filter", {"flow_runs": wanted, "limit": 100})
        mine = [run for run in found if run["created"] >= self.began[:19]]
        return [run for run in mine if run["parameters"].get("to") == environment]

    def at_gate(self, environment: str, within: float = WAIT) -> str:
        """The run for the environment, once it waits for people."""
        waiting: list[str] = []

        def waits() -> bool:
            for run in self.runs_of(environment):
                assert run["state"]["type"] not in ("COMPLETED", "FAILED", "CRASHED"), run["state"]
                if run["state"]["name"] == "Suspended":
                    waiting.append(str(run["id"]))
            return bool(waiting)

        assert eventually(waits, within=within, every=0.4), f"nothing waits for {environment}"
        return waiting[0]

    def suspended(self, run: str, within: float = WAIT) -> None:
        self.prefect.wait_for(run, "Suspended", within=within)

    def suspended_again(self, run: str) -> None:
        """Woken, it looked and went to sleep again."""

        def is_asleep() -> bool:
            state = self.prefect.read(run)["state"]
            assert state["type"] not in ("COMPLETED", "FAILED", "CRASHED"), state
            return bool(state["name"] == "Suspended" and state["id"] != self.slept[run])

        assert eventually(is_asleep, within=WAIT), self.prefect.read(run)["state"]

    def tasks(self, run: str) -> list[Any]:
        wanted = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        return list(self.prefect.call("POST", "/task_runs/filter", wanted))

    def graph(self, run: str) -> dict[str, set[str]]:
        """For each task (or subflow) of the run the ones it waited for, as Prefect draws them."""
        nodes = dict(self.prefect.call("GET", f"/flow_runs/{run}/graph-v2")["nodes"])
        return {n["label"]: {nodes[p["id"]]["label"] for p in n["parents"]} for n in nodes.values()}

    def logs(self, run: str) -> list[str]:
        wanted = {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC", "limit": 200}
        return [line["message"] for line in self.prefect.call("POST", "/logs/filter", wanted)]

    def task_logs(self, run: str) -> list[str]:
        """The whole run's log, its tasks' lines among them: they are sent a while after they were written."""
        seen, since = -1, time.monotonic()
        while time.monotonic() - since < LOGS_SETTLE:
            if (now := len(self.logs(run))) != seen:
                seen, since = now, time.monotonic()
            time.sleep(0.5)
        return self.logs(run)

    def vote(self, run: str, person: str, decision: vote.Decision = "approve", *, plan: str = "") -> None:
        """A vote as the Liftgate server signs it, on the plan the run waits with (or another one)."""
        cast_vote(self.prefect.runs, run, plan or self.digest(run), person, decision)

    def digest(self, run: str) -> str:
        """Of the plan the run waits with, as it notes it."""
        gate = self.prefect.read(run)["state"]["state_details"]["pause_key"].rpartition("-")[0]
        (found,) = [plan for plan in Notes(self.prefect.runs, run).plans() if gate_name(plan.hash) == gate]
        return found.hash

    def wake(self, run: str) -> None:
        """What the Liftgate server does when the policy is met; also what anybody can do in Prefect's UI."""
        self.slept[run] = self.prefect.read(run)["state"]["id"]
        assert self.prefect.runs.resume(run, {"approved": True})

    def start_as(self, person: str, flow: str, **parameters: Any) -> str:
        """A run whose requester the Liftgate server has proven."""

        return start_for_person(Integrations(settings_of(self)), person, flow, parameters).id

    def entries(self, environment: str) -> list[Entry]:
        """The ledger's entries of the environment, oldest first."""
        found = git_branch.read_ledger(self.remote, read_allowed(ALLOWED_SIGNERS), f"entries/example-app/{environment}")
        return ledger.entries_of(found, "example-app", environment)

    def commits(self) -> list[Change]:
        """The branch, newest first, with what is proven of it."""
        return list(history(self.remote, MAIN))

    def version(self, environment: str) -> str:
        return str(self.json(environment)["application"]["version"])

    def serves(self, environment: str) -> str:
        """The version the application of the environment answers with."""
        return str(http.get(f"{self.town.urls[f'app-{environment}']}/config").json()["version"])

    def json(self, environment: str) -> Any:
        """The values on main now."""
        file = self.remote.file(MAIN, f"configs/{environment}/values.json")
        assert file is not None
        return json.loads(file.data)


def seed(lab: Lab, configuration: dict[str, Any]) -> None:
    """The first commit: 1.4.1 everywhere, 1.4.2 in the base. Argo CD knows of nothing yet."""
    kustomization = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../manifests]\n"
        "configMapGenerator: [{name: environment-config, files: [values.json]}]\n"
        "generatorOptions: {annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous, "
        "argocd.argoproj.io/sync-options: PruneLast=true}}\n"
    )
    files: dict[str, bytes | None] = {
        "liftgate.json": text(configuration),
        ".liftgate/allowed_signers": ALLOWED_SIGNERS.encode(),
        "configs/base/values.json": text(values("base", "1.4.2")),
        "manifests/kustomization.yaml": b"resources: [deployment.yaml]\n",
        "manifests/deployment.yaml": DEPLOYMENT.encode(),
    }
    for name in ("dev", "staging", "prod"):
        files[f"configs/{name}/values.json"] = text(values(name))
        files[f"configs/{name}/kustomization.yaml"] = kustomization.encode()
    commit(lab.town.forge.bare(REPOSITORY).path, files, "Start\n")


DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: example-app}
spec:
  replicas: 1
  progressDeadlineSeconds: 120
  selector: {matchLabels: {app: example-app}}
  template:
    metadata: {labels: {app: example-app}}
    spec:
      containers:
        - name: example-app
          image: example-app
          volumeMounts: [{name: config, mountPath: /config}]
      volumes: [{name: config, configMap: {name: environment-config}}]
"""
SMOKE = ["echo", "smoke ok"]


def variables(lab: Lab, **more: str) -> dict[str, str]:
    """The settings of worker and server for this lab."""
    urls = lab.town.urls
    return {
        "LIFTGATE_STATE": str(lab.folder / "state"),
        "LIFTGATE_REPOSITORY__URL": lab.town.repository_url,
        "LIFTGATE_REPOSITORY__TOKEN": token_of(BOT),
        "LIFTGATE_FORGE__KIND": "github",
        "LIFTGATE_FORGE__URL": f"{urls['forge']}/api/v3",
        "LIFTGATE_ARGOCD__URL": urls["argocd"],
        "LIFTGATE_ARGOCD__TOKEN": lab.town.argocd_token,
        "LIFTGATE_ARGOCD__PROJECT": PROJECT,
        "LIFTGATE_SLACK__URL": f"{urls['slack']}/api/",
        "LIFTGATE_SLACK__BOT_TOKEN": BOT_TOKEN,
        "LIFTGATE_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "LIFTGATE_SLACK__CHANNEL": CHANNEL,
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
        "LIFTGATE_WORKER__EMAIL": "liftgate@example.com",
        "LIFTGATE_WORKER__COMMANDS": json.dumps({"smoke": SMOKE}),
        "LIFTGATE_SERVER__SIGNING_KEY": private_text(SERVER),
        "LIFTGATE_SERVER__EMAIL": "server@example.com",
        "LIFTGATE_PREFECT__API_URL": lab.prefect.url,
        "LIFTGATE_PREFECT__AUTH_STRING": lab.prefect.secret,
        "LIFTGATE_PREFECT__NAME": lab.prefect.pool,
        **more,
    }


def settings_of(lab: Lab) -> Settings:
    """The same settings in the test's own process, with a mirror of its own."""
    return from_variables(lab.variables | {"LIFTGATE_STATE": str(lab.folder / "server")})


def configured(lab: Lab, **more: Any) -> dict[str, Any]:
    """The seed, with the checks that this lab's application can answer, and the people of the sandbox."""
    addresses = {name: f"{lab.town.urls[f'app-{name}']}/healthz" for name in lab.town.environments}
    checks = {"health-check": {"http": addresses, "within": 1}, "integration-test": {"run": "smoke"}}
    people = {
        name: {"slack": slack, "github": name, "email": f"{name}@example.com"} for name, (slack, _) in PEOPLE.items()
    }
    return SEED | {"applications": {"example-app": {"checks": checks}}, "people": people} | more
