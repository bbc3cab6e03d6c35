"""The stage on which the recorded situations are played again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from liftgate_sandbox.argocd import Timings
from liftgate_sandbox.serve import serve

from sandbox_tests.argocd.git_server import GitServer
from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER, Lab
from sandbox_tests.argocd.repository import GENERATOR, config_map, deployment, job

STAGING = {
    "automated": {},
    "retry": {"limit": 2, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "30s"}},
}
_TIMINGS = replace(Timings.fast(), watch=0.1, pod_stop=0.3, deletion=0.5)
"""Slow where a recording shows the moment in between."""


class Stage(Lab):
    """A lab with the repository of the recordings, at `remote` over HTTP too; `answers` by recording."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, timings=_TIMINGS)
        self.answers: dict[int, httpx.Response] = {}
        self.git = GitServer(folder)
        self.git_served = serve(self.git.app)
        self.remote = f"{self.git_served.url}/config.git"
        self.sets_served = serve(self.argocd.sets_asgi())
        self.argocd.project("promo", _project())
        self.user = self.client(self.argocd.token("promo", "promoter"))
        self.reader = self.client(self.argocd.token("promo", "reader"))
        _fill(self)

    def keep(self, number: int, answer: httpx.Response) -> Any:
        """Note the answer as ours to that recording."""
        self.answers[number] = answer
        return answer

    def stop(self) -> None:
        self.served.stop()
        self.git_served.stop()
        self.sets_served.stop()
        self.argocd.stop()

    def seen(self, name: str, holds: Callable[[Any], bool]) -> httpx.Response:
        """The first answer about an application that is there, and of which `holds` is true."""
        answer = self.get(name)

        def is_it() -> bool:
            nonlocal answer
            answer = self.get(name)
            return answer.status_code == 200 and holds(answer.json())

        self.until(is_it)
        return answer

    def push(self, path: str, content: Any) -> str:
        self.config.write(path, content)
        return self.config.commit()


def _project() -> Any:
    policy = "p, proj:promo:{role}, applications, {action}, promo/{name}, allow"
    promoter = [policy.format(role="promoter", action=action, name="*") for action in ("get", "sync")]
    reader = [policy.format(role="reader", action="get", name="app-dev")]
    namespaces = ("dev", "staging", "prod", "scratch", "argocd", "h-*")
    return {
        "sourceRepos": ["*"],
        "destinations": [{"server": CLUSTER, "namespace": name} for name in namespaces],
        "description": "Configuration promotion",
        "roles": [{"name": "promoter", "policies": promoter}, {"name": "reader", "policies": reader}],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
    }


def _fill(stage: Stage) -> None:
    config = stage.config
    config.write("base/kustomization.yaml", {"resources": ["deployment.yaml"]})
    config.write("base/deployment.yaml", deployment(probed=True, deadline=1))
    config.environment("dev")
    config.environment("staging", options={"disableNameSuffixHash": True})
    config.environment("prod", options={"annotations": GENERATOR})
    config.write("configs/hook/kustomization.yaml", {"resources": ["all.yaml"]})
    config.write("configs/hook/all.yaml", [config_map("hook-config"), job("migrate", "PreSync", ["sleep", "60"])])
    broken = job("migrate-fail", "PreSync", ["false"], "broken")
    config.write("configs/hookfail/all.yaml", [config_map("hookfail-config"), broken])
    bad = deployment(name="bad", labels={"app": "other"})
    config.write("configs/badres/all.yaml", [config_map("bad-config"), bad])
    config.write("configs/badkust/kustomization.yaml", {"resources": ["missing.yaml"]})
    config.write("configs/badyaml/x.yaml", "kind: ConfigMap\nmetadata:\n  name: {a b: c\nd: e\n")
    config.values("onlyjson", {"application": {"name": "app-name", "version": "1.0.0"}})
    config.write("configs/onlyyaml/values.yaml", "application: {name: app-name}\n")
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}}
    config.write("configs/badkind/widget.yaml", widget)
    for name in ("a", "b"):
        config.write(f"configs/multi{'' if name == 'a' else '2'}/config.yaml", config_map(f"multi-{name}"))
    config.write("configs/auto/config.yaml", config_map("auto-a", {"n": 1}))
    config.commit("Initial configuration")


def applications(stage: Stage) -> None:
    """The three environments of the recordings: dev and staging by themselves, prod by hand."""
    for name, policy in (("dev", AUTOMATED), ("staging", STAGING), ("prod", None)):
        more = {"syncPolicy": policy} if policy else {}
        stage.create(f"app-{name}", f"configs/{name}", name, **more).raise_for_status()
    stage.settled("app-dev")
    stage.settled("app-staging")
    stage.refresh("app-prod")
