"""A whole small world for flow tests: sandbox servers, a configuration repository, and deployments on real Prefect."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liftgate.domain import ledger, signature, vote
from liftgate.domain.installation import prefixed
from liftgate.domain.ledger import Entry
from liftgate.domain.plan_value import Plan
from liftgate.domain.signature import read_allowed
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git.history import Change, history
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from liftgate.integrations.ledger import git_branch
from liftgate.runtime import own_settings
from liftgate.runtime.project import project_root
from liftgate.sandbox.town import BOT, BOT_TOKEN, CHANNEL, PEOPLE, PROJECT, SIGNING_SECRET, Town, token_of
from liftgate.settings import Settings, from_variables
from tests.examples import ALLOWED_SIGNERS, GATEHOUSE, NOW, SEED, WORKER, private_text, text, values
from tests.integrations.conftest import AUTHOR
from tests.plain import http
from tests.prefect_server import PrefectApi, eventually

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as Key

FLOWS = ("promote", "update", "rollback", "nightly")
WAIT = 90.0
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

    def commit(self, files: Mapping[str, bytes | None], message: str = "by hand\n", key: Key | None = None) -> str:
        """Somebody's own commit on main (or with its key the worker's); written files replace what was there."""
        mirror = self.mirror("somebody", "ada")
        head = mirror.fetch() if mirror.git.run("ls-remote", "--heads", "origin", "main").out else ""
        sha = mirror.write(head, files, message, NOW, AUTHOR, key)
        assert mirror.push(sha, mirror.ref, head) == "pushed"
        return sha

    def deploy(self) -> None:
        """Register the four flows on the test run's server, with this lab's settings for a worker."""
        settings = own_settings.own("worker", from_variables(self.variables))
        step = {"prefect.deployments.steps.set_working_directory": {"directory": str(project_root())}}
        for name in FLOWS:
            flow = self.prefect.call("POST", "/flows/", {"name": name})
            body = {
                "name": prefixed(self.prefect.pool, name),
                "flow_id": flow["id"],
                "entrypoint": f"flows.{name}.{name}",
                "pull_steps": [step],
                "work_pool_name": self.prefect.pool,
                "job_variables": {"env": settings},
            }
            self.deployments[name] = self.prefect.call("POST", "/deployments/", body)["id"]

    def start(self, flow: str, **parameters: Any) -> str:
        return self.prefect.run(self.deployments[flow], **parameters)

    def ended(self, run: str, within: float = WAIT) -> Any:
        """The run's final state, as Prefect's REST has it."""
        deadline = time.monotonic() + within
        while True:
            state = self.prefect.read(run)["state"]
            if state["type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED"):
                return state
            assert time.monotonic() < deadline, f"still {state}"
            time.sleep(0.2)

    def ended_chain(self, environment: str, within: float = WAIT) -> Any:
        """The run that was started for the environment by the one before it, once it is over."""
        deadline = time.monotonic() + within
        while not (found := self.runs_of(environment)):
            assert time.monotonic() < deadline, f"no run for {environment}"
            time.sleep(0.2)
        return self.ended(found[0]["id"], within)

    def runs_of(self, environment: str) -> list[Any]:
        """This lab's promote runs for the environment; one that was asked for over the API is expected in 2100."""
        wanted = {
            "deployment_id": {"any_": [self.deployments["promote"]]},
            "expected_start_time": {"after_": self.began},
        }
        found = self.prefect.call("POST", "/flow_runs/filter", {"flow_runs": wanted, "limit": 100})
        mine = [run for run in found if run["created"] >= self.began[:19]]
        return [run for run in mine if run["parameters"].get("to") == environment]

    def at_gate(self, environment: str, within: float = WAIT) -> str:
        """The run for the environment, once it waits for people."""
        deadline = time.monotonic() + within
        while True:
            for run in self.runs_of(environment):
                if run["state"]["name"] == "Suspended":
                    return str(run["id"])
                assert run["state"]["type"] not in ("COMPLETED", "FAILED", "CRASHED"), run["state"]
            assert time.monotonic() < deadline, f"nothing waits for {environment}"
            time.sleep(0.2)

    def suspended(self, run: str, within: float = WAIT) -> None:
        self.prefect.wait_for(run, "Suspended", within=within)

    def suspended_again(self, run: str) -> None:
        """Woken, it looked and went to sleep again."""

        def is_asleep() -> bool:
            state = self.prefect.read(run)["state"]
            assert state["type"] not in ("COMPLETED", "FAILED", "CRASHED"), state
            return bool(state["name"] == "Suspended" and state["id"] != self.slept[run])

        assert eventually(is_asleep, within=WAIT), self.prefect.read(run)["state"]

    def ended_again(self, run: str) -> Any:
        """The state after the run, set to begin again, is over once more."""
        self.prefect.wait_for(run, "Running", "Pending", within=WAIT)
        return self.ended(run)

    def tasks(self, run: str) -> list[Any]:
        wanted = {"flow_runs": {"id": {"any_": [run]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        found: list[Any] = self.prefect.call("POST", "/task_runs/filter", wanted)
        return found

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
            time.sleep(0.2)
        return self.logs(run)

    def vote(self, run: str, person: str, decision: vote.Decision = "approve", *, plan: str = "") -> None:
        """A vote as the gatehouse signs it, on the plan the run waits with (or another one)."""
        now, plan = SystemClock().now(), plan or self.digest(run)
        cast = vote.Vote(run=run, plan=plan, person=person, decision=decision, at=now, through="api")
        signed = signature.sign(vote.signable(cast), GATEHOUSE, signature.VOTES)
        self.prefect.runs.add_input(run, cast.key, vote.attested(cast, signed))

    def digest(self, run: str) -> str:
        """Of the plan the run waits with, as it notes it."""
        gate = self.prefect.read(run)["state"]["state_details"]["pause_key"].rpartition("-")[0]
        (kept,) = self.prefect.runs.inputs(run, f"plan-{gate}").values()
        return Plan.model_validate_json(kept).hash

    def wake(self, run: str) -> None:
        """What the gatehouse does when the policy is met; also what anybody can do in Prefect's UI."""
        self.slept[run] = self.prefect.read(run)["state"]["id"]
        assert self.prefect.runs.resume(run, {"approved": True})

    def start_as(self, person: str, flow: str, **parameters: Any) -> str:
        """A run whose requester the gatehouse has proven."""

        def inputs(run: str) -> dict[str, str]:
            asked = vote.Request(run=run, person=person, at=SystemClock().now())
            signed = signature.sign(vote.signable(asked), GATEHOUSE, signature.VOTES)
            return {vote.REQUEST_KEY: vote.attested(asked, signed)}

        return self.prefect.runs.create(flow, parameters, inputs=inputs).id

    def entries(self, environment: str) -> list[Entry]:
        """The ledger's entries of the environment, oldest first."""
        mirror = self.mirror("reader")
        mirror.fetch()
        found = git_branch.read(mirror, read_allowed(ALLOWED_SIGNERS), f"entries/example-app/{environment}")
        return ledger.of(found, "example-app", environment)

    def commits(self) -> list[Change]:
        """The branch, newest first, with what is proven of it."""
        mirror = self.mirror("reader")
        mirror.fetch()
        return list(history(mirror, mirror.ref))

    def version(self, environment: str) -> str:
        return str(self.json(environment)["application"]["version"])

    def serves(self, environment: str) -> str:
        """The version the application of the environment answers with."""
        answer = http.get(f"{self.town.urls[f'app-{environment}']}/config")
        return str(answer.json()["version"])

    def json(self, environment: str) -> Any:
        """The values on main now."""
        mirror = self.mirror("reader")
        file = mirror.file(mirror.fetch(), f"configs/{environment}/values.json")
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
    lab.commit(files, "Start\n")


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


def variables(lab: Lab, **more: str) -> dict[str, str]:
    """The settings of worker and gatehouse for this lab."""
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
        "LIFTGATE_WORKER__COMMANDS": json.dumps({"smoke": [sys.executable, "-c", SMOKE]}),
        "LIFTGATE_GATEHOUSE__SIGNING_KEY": private_text(GATEHOUSE),
        "LIFTGATE_GATEHOUSE__EMAIL": "gatehouse@example.com",
        "LIFTGATE_PREFECT__API_URL": lab.prefect.url,
        "LIFTGATE_PREFECT__AUTH_STRING": lab.prefect.secret,
        "LIFTGATE_PREFECT__NAME": lab.prefect.pool,
    } | more


def settings_of(lab: Lab) -> Settings:
    """The same settings in the test's own process, with a mirror of its own."""
    return from_variables(lab.variables | {"LIFTGATE_STATE": str(lab.folder / "gatehouse")})


SMOKE = "print('smoke ok')"


def configured(lab: Lab, **more: Any) -> dict[str, Any]:
    """The seed, with the checks that this lab's application can answer, and the people of the sandbox."""
    addresses = {name: f"{lab.town.urls[f'app-{name}']}/healthz" for name in lab.town.environments}
    checks = {"health-check": {"http": addresses, "within": 1}, "integration-test": {"run": "smoke"}}
    people = {
        name: {"slack": slack, "github": name, "email": f"{name}@example.com"} for name, (slack, _) in PEOPLE.items()
    }
    return SEED | {"applications": {"example-app": {"checks": checks}}, "people": people} | more
