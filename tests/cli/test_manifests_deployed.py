"""What `liftgate manifests` writes for a repository of values, given to an Argo CD: in each form all is deployed."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest
import yaml
from sandbox_tests.argocd.conftest import lab
from sandbox_tests.argocd.lab import Lab

from liftgate.cli.main import main

__all__ = ["lab"]

_ENVIRONMENTS = ("dev", "staging", "prod")
_RENDERERS = ["kustomize", *(["helm"] if shutil.which("helm") else [])]
"""Charts need the `helm` program, here as in Argo CD."""


class Written:
    """A repository of values for three environments, with what Liftgate adds; the manifests by their kind."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        for each in ("base", "configs"):
            shutil.rmtree(lab.config.folder / each)
        stages = [{"name": "validate", "steps": ["json-lint"]}]
        seed = {"environments": {name: f"/configs/{name}" for name in _ENVIRONMENTS}, "pipeline": {"stages": stages}}
        lab.config.write("liftgate.json", seed)
        for name in _ENVIRONMENTS:
            self.values(name, 1)
        lab.config.commit()

    def values(self, environment: str, replicas: int) -> None:
        about = {"name": environment, "configs": {}}
        app = {"name": "promo", "version": "1.0.0", "replicas": replicas, "environment": about}
        self.lab.config.values(environment, {"application": app})

    def manifests(self, *options: str) -> dict[str, list[Any]]:
        folder = str(self.lab.config.folder)
        assert main(["manifests", "--repo", folder, "--out", folder, "--repo-url", self.lab.url, *options]) == 0
        self.lab.config.commit()
        found: dict[str, list[Any]] = {}
        for file in sorted((self.lab.config.folder / "argocd").rglob("*.yaml")):
            made = yaml.safe_load(file.read_text())
            found.setdefault(made["kind"], []).append(made)
        [project] = found["AppProject"]
        self.lab.admin.post("/api/v1/projects", json={"project": project, "upsert": True}).raise_for_status()
        return found


@pytest.fixture
def written(lab: Lab) -> Written:
    return Written(lab)


def served(lab: Lab, application: str) -> Any:
    """The values in the live ConfigMap."""
    items = lab.get(application, "/managed-resources", kind="ConfigMap").json()["items"]
    newest = max(
        (json.loads(one["liveState"]) for one in items), key=lambda obj: int(obj["metadata"]["resourceVersion"])
    )
    [text] = newest["data"].values()
    return json.loads(text)


@pytest.mark.parametrize("renderer", _RENDERERS)
def test_an_application_for_each_environment_serves_its_values(written: Written, renderer: str) -> None:
    lab = written.lab
    for manifest in written.manifests("--render", renderer)["Application"]:
        lab.admin.post("/api/v1/applications", json=manifest).raise_for_status()
    for name in _ENVIRONMENTS:
        lab.settled(f"promo-{name}")
        assert served(lab, f"promo-{name}")["application"]["environment"]["name"] == name


@pytest.mark.parametrize("renderer", _RENDERERS)
def test_a_set_makes_them_and_a_changed_value_is_a_rollout(written: Written, renderer: str) -> None:
    lab = written.lab
    [made] = written.manifests("--render", renderer, "--form", "applicationset")["ApplicationSet"]
    lab.admin.post("/api/v1/applicationsets", json=made).raise_for_status()
    for name in _ENVIRONMENTS:
        lab.until(lambda name=name: lab.get(f"promo-{name}").status_code == 200)  # type: ignore[misc]
        lab.settled(f"promo-{name}")
    written.values("dev", 2)
    sha = lab.config.commit()
    lab.refresh("promo-dev")
    lab.settled("promo-dev", sha)
    assert served(lab, "promo-dev")["application"]["replicas"] == 2
    assert served(lab, "promo-prod")["application"]["replicas"] == 1
