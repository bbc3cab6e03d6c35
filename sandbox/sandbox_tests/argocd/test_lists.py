"""Lists and their filters, and creating, changing and deleting applications."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_tests.argocd.lab import AUTOMATED, Lab

_LIST = "/api/v1/applications"


@pytest.fixture
def labelled(lab: Lab) -> Lab:
    """Two applications with labels."""
    for name, tier in (("dev", "low"), ("prod", "high")):
        lab.create(name, f"configs/{name}").raise_for_status()
        patch = f'{{"metadata": {{"labels": {{"tier": "{tier}"}}}}}}'
        lab.admin.patch(lab.path(name), json={"patch": patch, "patchType": "merge"}).raise_for_status()
    return lab


def names(lab: Lab, **query: Any) -> list[str]:
    return [app["metadata"]["name"] for app in lab.user.get(_LIST, params=query).json()["items"] or []]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["dev", "prod"]),
        ({"name": "dev"}, ["dev"]),
        ({"projects": "other"}, []),
        ({"selector": "tier=low"}, ["dev"]),
        ({"selector": "tier!=low"}, ["prod"]),
        ({"selector": "tier in (low, high)"}, ["dev", "prod"]),
        ({"selector": "tier notin (low)"}, ["prod"]),
        ({"selector": "!tier"}, []),
        ({"selector": "tier"}, ["dev", "prod"]),
    ],
)
def test_a_list_is_filtered(labelled: Lab, query: dict[str, str], expected: list[str]) -> None:
    assert names(labelled, **query) == expected


def test_a_mask_with_a_minus_leaves_out_what_the_list_knows_by_that_name(labelled: Lab) -> None:
    answer = labelled.user.get(_LIST, params={"fields": "-items.status,items.metadata.labels,items.spec.source"}).json()
    assert all("labels" not in app["metadata"] and app["metadata"]["name"] for app in answer["items"])
    assert all("project" in app["spec"] and app["status"]["sync"]["status"] for app in answer["items"])


def test_what_an_application_lacks_is_null_in_a_list_of_chosen_fields_and_absent_elsewhere(labelled: Lab) -> None:
    chosen = "items.metadata.name,items.metadata.deletionTimestamp,items.operation.sync,items.spec.sources"
    [app] = labelled.user.get(_LIST, params={"fields": chosen, "name": "dev"}).json()["items"]
    assert app == {"metadata": {"name": "dev", "deletionTimestamp": None}, "spec": {"sources": None}}
    [whole] = labelled.user.get(_LIST, params={"name": "dev"}).json()["items"]
    assert "deletionTimestamp" not in whole["metadata"]
    one = labelled.user.get(labelled.path("dev"), params={"fields": chosen}).json()
    assert one.keys() == whole.keys() > app.keys()


def test_no_application_at_all_is_null(lab: Lab) -> None:
    assert lab.user.get(_LIST, params={"fields": "items.metadata.name"}).json()["items"] is None


def test_a_masked_list_shows_the_result_of_a_sync_where_it_says_what_was_asked_for(manual: Lab) -> None:
    manual.sync("prod")
    manual.settled("prod")
    fields = "items.metadata.name,items.status.operationState.operation.sync,items.status.history"
    items = manual.user.get(_LIST, params={"fields": fields}).json()["items"]
    status = {app["metadata"]["name"]: app.get("status", {}) for app in items}["prod"]
    assert "resources" in status["operationState"]["operation"]["sync"]
    assert "history" not in status


def test_the_same_application_again_is_fine_and_upsert_changes_it(lab: Lab) -> None:
    lab.create("dev", "configs/dev").raise_for_status()
    assert lab.create("dev", "configs/dev").status_code == 200
    assert lab.create("dev", "configs/dev", syncPolicy=AUTOMATED).status_code == 400
    lab.create("dev", "configs/dev", syncPolicy=AUTOMATED, query={"upsert": "true"}).raise_for_status()
    lab.settled("dev")


def test_a_new_specification_is_taken_up(lab: Lab) -> None:
    spec = lab.create("dev", "configs/dev").json()["spec"]
    answer = lab.admin.put(lab.path("dev", "/spec"), json=spec | {"syncPolicy": AUTOMATED})
    assert answer.json()["syncPolicy"] == AUTOMATED
    lab.settled("dev")


def test_deleting_takes_the_resources_along_unless_told(automatic: Lab) -> None:
    automatic.admin.delete(automatic.path("dev"), params={"cascade": "false"}).raise_for_status()
    kinds = {one["kind"] for one in automatic.argocd.cluster.objects.all(namespace="dev")}
    assert kinds == {"ConfigMap", "Deployment", "ReplicaSet", "Pod"}
    automatic.create("dev", "configs/dev", syncPolicy=AUTOMATED).raise_for_status()
    automatic.settled("dev")
    automatic.admin.delete(automatic.path("dev")).raise_for_status()
    automatic.until(lambda: not list(automatic.argocd.cluster.objects.all(namespace="dev")))
    automatic.until(lambda: automatic.get("dev").status_code == 404)


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"project": "nothing"}, "application references project nothing which does not exist"),
        ({"project": "closed"}, "is not permitted in project 'closed'"),
    ],
)
def test_what_the_project_does_not_allow_is_refused(lab: Lab, spec: dict[str, str], problem: str) -> None:
    lab.argocd.project("closed", {"sourceRepos": ["https://example.com/*"], "destinations": []})
    answer = lab.create("dev", "configs/dev", **spec)
    assert answer.status_code == 400
    assert problem in answer.json()["message"]
