"""A set keeps its applications as its template says, and takes them away with their folders or with itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER, Lab
from sandbox_tests.argocd.repository import config_map

_SET = "/api/v1/applicationsets/s"


class Kept:
    """The set `s` over `envs/*`, whose application for `dev` is there."""

    def __init__(self, lab: Lab, **sync_policy: Any) -> None:
        self.lab = lab
        source = {"repoURL": lab.url, "targetRevision": "main", "path": "{{.path.path}}"}
        destination = {"server": CLUSTER, "namespace": "{{.path.basename}}"}
        spec = {"project": "promo", "source": source, "destination": destination, "syncPolicy": AUTOMATED}
        metadata = {"name": "s-{{.path.basename}}", "labels": {"environment": "{{.path.basename}}"}}
        git = {"repoURL": lab.url, "revision": "main", "directories": [{"path": "envs/*"}]}
        template = {"metadata": metadata, "spec": spec}
        self.spec: Any = {"goTemplate": True, "generators": [{"git": git}], "template": template}
        self.spec["syncPolicy"] = sync_policy
        lab.config.write("envs/dev/all.yaml", config_map("c"))
        lab.config.commit()
        self.post()
        lab.until(lambda: self.status("s-dev") == 200)
        lab.settled("s-dev")

    def post(self, name: str = "s") -> None:
        body = {"metadata": {"name": name}, "spec": self.spec}
        self.lab.admin.post("/api/v1/applicationsets", json=body, params={"upsert": "true"}).raise_for_status()

    def status(self, name: str) -> int:
        return self.lab.get(name).status_code

    def live(self) -> bool:
        with self.lab.argocd.state.lock:
            return any(obj["metadata"]["name"] == "c" for obj in self.lab.argocd.cluster.objects.all("ConfigMap"))


@pytest.fixture
def kept(lab: Lab) -> Kept:
    return Kept(lab)


def patch(lab: Lab, change: Any) -> None:
    body = {"patch": json.dumps(change), "patchType": "merge"}
    lab.admin.patch("/api/v1/applications/s-dev", json=body).raise_for_status()


def test_what_somebody_changed_is_put_back(kept: Kept) -> None:
    patch(kept.lab, {"metadata": {"labels": {"environment": "x", "mine": "y"}, "annotations": {"mine": "z"}}})
    app = kept.lab.wait("s-dev", lambda app: app["metadata"]["labels"] == {"environment": "dev"})
    assert "mine" not in app["metadata"].get("annotations", {})


def test_a_folder_that_is_gone_takes_its_application_and_resources(kept: Kept) -> None:
    kept.lab.config.git("rm", "-r", "--quiet", "envs/dev")
    kept.lab.config.commit()
    kept.lab.refresh("s-dev")
    kept.lab.until(lambda: kept.status("s-dev") == 404)
    assert not kept.live()


def test_a_set_that_preserves_resources_leaves_them(lab: Lab) -> None:
    kept = Kept(lab, preserveResourcesOnDeletion=True)
    lab.admin.delete(_SET).raise_for_status()
    assert (lab.admin.get(_SET).status_code, kept.status("s-dev"), kept.live()) == (404, 404, True)


def test_an_application_that_is_being_deleted_takes_no_operation(kept: Kept) -> None:
    kept.lab.fault("controller-down", application="s-dev")
    kept.lab.admin.delete(_SET).raise_for_status()
    refused = kept.lab.sync("s-dev")
    assert (refused.status_code, refused.json()["message"]) == (400, "application is deleting")


def test_a_changed_template_changes_the_applications(kept: Kept) -> None:
    kept.spec["template"]["metadata"]["labels"]["team"] = "shop"
    kept.post()
    kept.lab.wait("s-dev", lambda app: app["metadata"]["labels"].get("team") == "shop")


def test_two_folders_of_one_name_are_one_application_and_an_error(kept: Kept) -> None:
    kept.spec["template"]["metadata"]["name"] = "s-dev"
    kept.lab.config.write("envs/qa/all.yaml", config_map("c"))
    kept.lab.config.commit()
    kept.post()
    kept.lab.until(lambda: "duplicate name: s-dev" in kept.lab.admin.get(_SET).text)
    assert kept.status("s-dev") == 200


def test_a_changed_set_needs_to_be_asked_for(kept: Kept) -> None:
    body = {"metadata": {"name": "s"}, "spec": kept.spec | {"goTemplate": False}}
    refused = kept.lab.admin.post("/api/v1/applicationsets", json=body)
    assert (refused.status_code, "use upsert flag" in refused.text) == (400, True)


def test_the_list_holds_what_the_caller_may_see(kept: Kept) -> None:
    path = "/api/v1/applicationsets"
    assert [one["metadata"]["name"] for one in kept.lab.admin.get(path).json()["items"]] == ["s"]
    assert kept.lab.user.get(path).json()["items"] == []


def test_after_a_restart_the_set_is_still_kept(kept: Kept) -> None:
    kept.lab.restart()
    before = kept.lab.get("s-dev").json()["metadata"]["uid"]
    kept.lab.admin.delete("/api/v1/applications/s-dev").raise_for_status()
    kept.lab.until(lambda: kept.lab.get("s-dev").json().get("metadata", {}).get("uid") not in (None, before))
    kept.lab.settled("s-dev")
