"""What Liftgate writes for Argo CD, given to one: the project's role suffices, and every environment is deployed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from sandbox_tests.argocd.conftest import lab
from sandbox_tests.argocd.lab import Lab

from liftgate.domain.manifests import scaffold
from liftgate.domain.manifests.scaffold import Scaffold
from liftgate.scaffold import templates

__all__ = ["lab"]

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture
def generated(lab: Lab) -> dict[str, Any]:
    """The lab's repository is now a new one of Liftgate's, with its project; the Applications by name."""
    wanted = Scaffold(application="promo", repository=lab.url, environments=ENVIRONMENTS)
    files = scaffold.files(wanted, templates())
    for path, text in files.items():
        lab.config.write(path, text)
    lab.config.commit()
    found = [yaml.safe_load(text) for path, text in files.items() if path.startswith("argocd/")]
    named = {each["metadata"]["name"]: each for each in found}
    lab.admin.post("/api/v1/projects", json={"project": named.pop("promo"), "upsert": True}).raise_for_status()
    return named


def test_a_cluster_that_was_given_them_is_synced_and_healthy(lab: Lab, generated: dict[str, Any]) -> None:
    for manifest in generated.values():
        lab.admin.post("/api/v1/applications", json=manifest).raise_for_status()
    for name in generated:
        app = lab.settled(name)
        assert app["status"]["operationState"]["phase"] == "Succeeded"
        assert {each["kind"] for each in app["status"]["resources"]} == {"ConfigMap", "Deployment", "Service"}


def test_its_role_may_look_sync_and_read_logs_and_nothing_else(lab: Lab, generated: dict[str, Any]) -> None:
    name = next(iter(generated))
    lab.admin.post("/api/v1/applications", json=generated[name]).raise_for_status()
    lab.settled(name)
    assert lab.sync(name).status_code == 200
    asked = ("applications/get", "applications/sync", "logs/get", "applications/update", "applications/delete")
    may = [
        what for what in asked if lab.user.get(f"/api/v1/account/can-i/{what}/promo/{name}").json()["value"] == "yes"
    ]
    assert may == ["applications/get", "applications/sync", "logs/get"]


def test_a_changed_value_is_a_rollout_and_the_application_stays_synced(lab: Lab, generated: dict[str, Any]) -> None:
    lab.admin.post("/api/v1/applications", json=generated["promo-dev"]).raise_for_status()
    before = {each["name"] for each in lab.settled("promo-dev")["status"]["resources"]}
    values = lab.config.folder / "configs/dev/values.json"
    values.write_text(values.read_text().replace('"replicas": 1', '"replicas": 2'))
    sha = lab.config.commit()
    lab.refresh("promo-dev")
    after = {each["name"] for each in lab.settled("promo-dev", sha)["status"]["resources"]}
    assert len(after - before) == 1


def test_the_project_keeps_them_where_they_belong(lab: Lab, generated: dict[str, Any]) -> None:
    elsewhere = generated["promo-dev"]
    elsewhere["spec"]["destination"]["namespace"] = "kube-system"
    refused = lab.admin.post("/api/v1/applications", json=elsewhere)
    assert refused.status_code == 400
    assert "do not match any of the allowed destinations" in refused.text
