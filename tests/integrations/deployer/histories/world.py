"""One environment in virtual time: its commits, its Application, its cluster, and what is really true there."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from liftgate_sandbox.argocd import ArgoCD, Timings
from liftgate_sandbox.argocd.api import applications, operations
from liftgate_sandbox.argocd.api.context import Call
from liftgate_sandbox.argocd.api.errors import ApiError
from liftgate_sandbox.argocd.kube import Key
from starlette.requests import Request

from liftgate.integrations.deployer.wait_state import Standing
from tests.integrations.deployer.histories.repository import FOLDER, Commits
from tests.integrations.deployer.histories.simulation import Simulation, VirtualAdapter

NAME, NAMESPACE = "app-prod", "prod"
AUTOMATED = {"automated": {"prune": True, "selfHeal": True}}
_FILE = f"{FOLDER}/app.json"
_CONFIG = Key("", "ConfigMap", NAMESPACE, "app-config")
DRIFTED = "ConfigMap/app-config"
"""What `drift` changes."""
_WEB = Key("apps", "Deployment", NAMESPACE, "web")


class World:
    """The stand-in Argo CD over commits in memory; `policy` is the Application's syncPolicy."""

    def __init__(
        self, start: float, *, policy: Any = None, sources: int = 1, test: str = "", timings: Timings | None = None
    ) -> None:
        self.simulation = Simulation(start)
        self.commits = Commits()
        self._folder = tempfile.TemporaryDirectory()
        self.argocd = ArgoCD(
            Path(self._folder.name), timings=timings or Timings(), clock=lambda: self.simulation.time,
            program=_program, open_repository=self.commits.open,
        )  # fmt: skip
        self.simulation.argocd = self.argocd
        self.argocd.project("promo", roles={"promoter": ["get", "sync"]})
        self.token = self.argocd.token("promo", "promoter")
        self.adapter = VirtualAdapter(self.simulation, self.argocd, self.token, "promo")
        self.policy, self._sources, self._test = policy, sources, test
        self.commits.push({"base/base.json": _config_map("base", "{}")})
        self.first = {"version": "1.0.0"}
        self.commits.tags["v1"] = self.push(self.first)

    def close(self) -> None:
        self.adapter.transport.close()
        self._folder.cleanup()

    def push(self, values: Mapping[str, Any], **more: Any) -> str:
        """A commit with these values in the environment; `more` are the parts of `manifests`."""
        written = manifests(values, **{"test": self._test} | more)
        return self.commits.push({_FILE: written, f"{FOLDER}/values.json": values})

    def create(self) -> None:
        """As an ApplicationSet, or a person, makes it."""
        made = {"metadata": {"name": NAME, "namespace": "argocd"}, "spec": self._spec()}
        self._as_admin(applications.create, made, "validate=false")

    def create_again(self) -> None:
        """As soon as the one that is being deleted is gone."""
        if NAME in self.argocd.state.applications:
            self.simulation.at(self.simulation.time + 0.1, self.create_again)
        else:
            self.create()
            self.argocd.state.wake.set()

    def delete(self) -> None:
        self._as_admin(applications.delete)

    def sync(self, **body: Any) -> None:
        """Somebody else does it, and does not look at the answer."""
        self._as_admin(operations.sync, {"project": "promo"} | body)

    def terminate(self) -> None:
        self._as_admin(operations.terminate)

    def refresh(self) -> None:
        """As a webhook asks for it: nobody waits."""
        app = self.argocd.state.applications.get(NAME)
        if app:
            app = self.argocd.state.application(NAME)
            app["metadata"].setdefault("annotations", {}).setdefault("argocd.argoproj.io/refresh", "normal")
            self.argocd.state.put_application(app)

    def never_prunes(self) -> None:
        app = self.argocd.state.application(NAME)
        app["spec"].get("syncPolicy", {}).get("automated", {}).pop("prune", None)
        self.argocd.state.put_application(app)

    def windows(self, *kinds: str) -> None:
        """Sync windows that are open for a day around now."""
        windows = [{"kind": kind, "schedule": "* * * * *", "duration": "24h", "applications": ["*"]} for kind in kinds]
        self.argocd.state.projects["promo"]["spec"]["syncWindows"] = windows

    def drift(self) -> None:
        """Somebody with kubectl changes what Git declares."""
        self.argocd.cluster.objects.change(_CONFIG, {"data": {"values.json": '{"version": "by hand"}'}})

    def scale(self, replicas: int) -> None:
        """An autoscaler does; Git says nothing of replicas."""
        self.argocd.cluster.objects.change(_WEB, {"spec": {"replicas": replicas}})

    def is_deployed(self, ours: str) -> bool:
        """The truth, from the cluster and Git alone: it serves the values of our commit, or of one as good, and
        nothing is under way or has failed there."""
        app = self.argocd.state.applications.get(NAME)
        serving = self._serving()
        if app is None or not serving or "operation" in app:
            return False
        good = [one for one in self.commits.order if self.standing(ours, one) == "accepted"]
        values = [json.loads(self.commits.files(one)[f"{FOLDER}/values.json"]) for one in good]
        return all(one in values for one in serving) and self._is_tested(good)

    def _serving(self) -> list[Any]:
        """The values with which the pods run that stay; nothing while one of them is not ready."""
        pods = [one for one in self.argocd.cluster.objects.all("Pod", NAMESPACE) if _is_of_web(one)]
        inside = [self.argocd.state.pods[one["metadata"]["uid"]] for one in pods]
        if any("problem" not in one or one["problem"] for one in inside):
            return []
        return [json.loads(one["files"]["values.json"]) for one in inside if "gone_at" not in one]

    def standing(self, ours: str, revision: str) -> Standing:
        return self.commits.standing(ours, revision)

    def _is_tested(self, good: list[str]) -> bool:
        """The Job that ran last passed, and it was the one of these commits, which may have none."""
        wanted = [_essence(job) for one in good for job in _jobs(json.loads(self.commits.files(one)[_FILE]))]
        jobs = [job for job in self.argocd.cluster.objects.all("Job", NAMESPACE) if not _is_ending(job)]
        passed = [job for job in jobs if (job.get("status") or {}).get("succeeded")]
        return not wanted or any(_essence(job) in wanted for job in passed)

    def _spec(self) -> dict[str, Any]:
        source: dict[str, Any] = {"repoURL": self.commits.url, "targetRevision": "main", "path": FOLDER}
        source["directory"] = {"exclude": "values.json"}
        spec: dict[str, Any] = {
            "project": "promo",
            "destination": {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE},
        } | ({"syncPolicy": self.policy} if self.policy else {})
        if self._sources == 1:
            return spec | {"source": source}
        return spec | {"sources": [source, source | {"path": "base", "targetRevision": "v1"}]}

    def _as_admin(self, endpoint: Callable[[Call], Any], body: Any = None, query: str = "") -> None:
        """Straight to the server's endpoint: it happens at one moment, whatever comes of it."""
        token = f"Bearer {self.argocd.admin_token()}".encode()
        scope = {"type": "http", "path_params": {"name": NAME}, "query_string": query.encode()}
        call = Call(Request(scope | {"headers": [(b"authorization", token)]}), self.argocd.controller)
        call.body = body or {}
        call.authenticate()
        with suppress(ApiError):
            endpoint(call)


def manifests(
    values: Mapping[str, Any],
    *,
    test: str = "",
    broken: Any = None,
    extra: bool = False,
    selector: str = "web",
    pod: Mapping[str, Any] | None = None,
    generated: str = "",
    **spec: Any,
) -> Any:
    """A List of what is deployed: the values in a ConfigMap, and a Deployment that is rolled with them.

    `broken` stands in the place of a string (the API server refuses it), `extra` adds one more ConfigMap,
    another `selector` cannot be applied to what is there, `test` is the command of a PostSync Job. `pod` changes
    fields of the container, and `spec` fields of the Deployment's specification; None takes one away. `generated` are
    the sync options of a ConfigMap whose name changes with the values, as Kustomize makes one.
    """
    text = json.dumps(values) if broken is None else broken
    name = f"app-config-{_digest(values)}" if generated else "app-config"
    items = [_config_map(name, text, generated), _changed(_deployment(values, selector, name), pod or {}, spec)]
    if extra:
        items.append(_config_map("extra", "{}"))
    if test:
        items.append(_job(values, str(values.get("test", test))))
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _config_map(name: str, text: Any, options: str = "") -> dict[str, Any]:
    notes = {"argocd.argoproj.io/compare-options": "IgnoreExtraneous", "argocd.argoproj.io/sync-options": options}
    metadata = {"name": name} | ({"annotations": notes} if options else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"values.json": text}}


def _deployment(values: Mapping[str, Any], selector: str, config: str) -> dict[str, Any]:
    container = {"name": "web", "image": "web:1", "readinessProbe": {"httpGet": {"path": "/", "port": 80}}}
    mount = {"name": "config", "configMap": {"name": config}}
    metadata = {"labels": {"app": selector}, "annotations": {"checksum/config": _digest(values)}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "progressDeadlineSeconds": 15,
            "selector": {"matchLabels": {"app": selector}},
            "template": {"metadata": metadata, "spec": {"containers": [container], "volumes": [mount]}},
        },
    }


def _changed(deployment: dict[str, Any], pod: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    containers = deployment["spec"]["template"]["spec"]["containers"]
    containers[0] |= pod
    merged = deployment["spec"] | spec
    return deployment | {"spec": {key: value for key, value in merged.items() if value is not None}}


def _job(values: Mapping[str, Any], command: str) -> dict[str, Any]:
    container = {"name": "test", "image": "test:1", "command": ["sh", "-c", command]}
    metadata = {"name": "test", "annotations": {"argocd.argoproj.io/hook": "PostSync", "values": _digest(values)}}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}


def _jobs(written: Any) -> list[Any]:
    return [item for item in written["items"] if item["kind"] == "Job"]


def _essence(job: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What a Job tests, and how."""
    command: list[str] = job["spec"]["template"]["spec"]["containers"][0]["command"]
    return job["metadata"]["annotations"]["values"], command


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:12]


def _program(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """What runs in the pods: it is ill when its values say so."""
    return str(json.loads(files.get("values.json", "{}")).get("ill", "")), []


def _is_of_web(pod: Mapping[str, Any]) -> bool:
    return str(pod["metadata"]["name"]).startswith("web-")


def _is_ending(job: Mapping[str, Any]) -> bool:
    return "deletionTimestamp" in job["metadata"]
