"""A whole small world for flow tests: sandbox servers, a configuration repository, and deployments on real Prefect."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import sign_in
from liftgate.runtime.project import project_root
from liftgate.sandbox.forge import Forge
from tests.examples import ALLOWED_SIGNERS, GATEHOUSE, NOW, SEED, WORKER, private_text, text, values
from tests.integrations.conftest import AUTHOR
from tests.prefect_server import PrefectApi

FLOWS = ("promote", "update", "rollback", "nightly")
WAIT = 90.0


@dataclass
class Lab:
    prefect: PrefectApi
    forge: Forge
    forge_url: str
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    deployments: dict[str, str] = field(default_factory=dict)

    @property
    def repository_url(self) -> str:
        return f"{self.forge_url}/shop/config.git"

    def mirror(self, name: str = "test", who: str = "bot") -> Mirror:
        mirror = Mirror(self.folder / name, self.repository_url, "main", sign_in(who, f"token-of-{who}"))
        mirror.prepare()
        return mirror

    def commit(self, files: Mapping[str, bytes | None], message: str = "by hand\n") -> str:
        """Somebody's own commit on main; written files replace what was there."""
        mirror = self.mirror("somebody", "ada")
        head = mirror.fetch() if mirror.git.run("ls-remote", "--heads", "origin", "main").out else ""
        sha = mirror.write(head, files, message, NOW, AUTHOR, None)
        assert mirror.push(sha, mirror.ref, head) == "pushed"
        return sha

    def deploy(self) -> None:
        """Register the four flows on the test run's server, with this lab's settings."""
        step = {"prefect.deployments.steps.set_working_directory": {"directory": str(project_root())}}
        for name in FLOWS:
            flow = self.prefect.call("POST", "/flows/", {"name": name})
            body = {
                "name": name,
                "flow_id": flow["id"],
                "entrypoint": f"flows.{name}.{name}",
                "pull_steps": [step],
                "work_pool_name": self.prefect.pool,
                "job_variables": {"env": self.variables},
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
            time.sleep(0.1)

    def ended_chain(self, environment: str, within: float = WAIT) -> Any:
        """The run that was started for the environment by the one before it, once it is over."""
        deadline = time.monotonic() + within
        while not (found := self.runs_of(environment)):
            assert time.monotonic() < deadline, f"no run for {environment}"
            time.sleep(0.1)
        return self.ended(found[0]["id"], within)

    def runs_of(self, environment: str) -> list[Any]:
        """This lab's promote runs for the environment."""
        wanted = {"deployment_id": {"any_": [self.deployments["promote"]]}, "tags": {"all_": []}}
        found = self.prefect.call("POST", "/flow_runs/filter", {"flow_runs": wanted, "limit": 100})
        return [run for run in found if run["parameters"].get("to") == environment]

    def json(self, environment: str) -> Any:
        """The values on main now."""
        import json

        mirror = self.mirror("reader")
        file = mirror.file(mirror.fetch(), f"configs/{environment}/values.json")
        assert file is not None
        return json.loads(file.data)


def seed(lab: Lab, configuration: dict[str, Any] | None = None) -> None:
    """The first commit: 1.4.1 everywhere, 1.4.2 in the base."""
    kustomization = (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../../manifests]\n"
        "configMapGenerator: [{name: environment-config, files: [values.json]}]\n"
        "generatorOptions: {annotations: {argocd.argoproj.io/compare-options: IgnoreExtraneous, "
        "argocd.argoproj.io/sync-options: Prune=false}}\n"
    )
    files: dict[str, bytes | None] = {
        "liftgate.json": text(configuration or SEED),
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
    """The worker's settings for this lab."""
    plain = {
        "LIFTGATE_STATE": str(lab.folder / "state"),
        "LIFTGATE_REPOSITORY__URL": lab.repository_url,
        "LIFTGATE_REPOSITORY__TOKEN": "token-of-bot",
        "LIFTGATE_FORGE__KIND": "github",
        "LIFTGATE_FORGE__URL": f"{lab.forge_url}/api/v3",
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
        "LIFTGATE_WORKER__EMAIL": "liftgate@example.com",
        "LIFTGATE_GATEHOUSE__SIGNING_KEY": private_text(GATEHOUSE),
        "LIFTGATE_GATEHOUSE__EMAIL": "gatehouse@example.com",
        "LIFTGATE_PREFECT__API_URL": lab.prefect.url,
    }
    return plain | more
