"""manifest-generate-paths: whom a push concerns, and that looking oneself finds the commit all the same."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_tests.argocd.lab import Lab
from sandbox_tests.argocd.repository import settings

PATHS = "argocd.argoproj.io/manifest-generate-paths"


def named(lab: Lab, paths: str) -> None:
    """From now on the application `prod` names those paths."""
    body = {"patch": f'{{"metadata": {{"annotations": {{"{PATHS}": "{paths}"}}}}}}', "patchType": "merge"}
    lab.admin.patch(lab.path("prod"), json=body).raise_for_status()
    lab.refresh("prod")


def pushed(lab: Lab, sha: str, **files: list[str]) -> None:
    """GitHub's word of a commit that added, modified or removed those files."""
    repository = {"html_url": lab.url, "clone_url": lab.url, "default_branch": "main"}
    body: dict[str, Any] = {"ref": "refs/heads/main", "after": sha, "repository": repository}
    if files:
        body["commits"] = [{"id": sha} | files]
    answer = lab.client().post("/api/webhook", json=body, headers={"X-GitHub-Event": "push"})
    assert answer.status_code == 200


def commit(lab: Lab) -> str:
    lab.config.values("dev", settings("dev", "1.1.0"))
    return lab.config.commit()


def is_asked(lab: Lab) -> bool:
    """Whether the controller, which is held, has been told to look."""
    return "argocd.argoproj.io/refresh" in lab.get("prod").json()["metadata"]["annotations"]


@pytest.mark.parametrize(
    ("paths", "files", "concerned"),
    [
        ("/configs/prod;/base", {"modified": ["configs/dev/values.json"]}, False),
        ("/configs/prod;/base", {"modified": ["configs/prod/values.json"]}, True),
        ("/configs/prod ; /base", {"removed": ["base/deployment.yaml"]}, True),
        ("/configs/prod", {"added": ["configs/production/values.json"]}, False),
        ("/configs/prod/values.json", {"modified": ["configs/prod/values.json"]}, True),
        (".", {"modified": ["configs/prod/values.json"]}, True),
        (".", {"modified": ["configs/dev/values.json"]}, False),
        ("../../base", {"modified": ["base/deployment.yaml"]}, True),
        ("/configs/prod", {}, True),
        ("", {"modified": ["configs/dev/values.json"]}, True),
    ],
)
def test_a_push_concerns_whom_it_changes(
    manual: Lab, paths: str, files: dict[str, list[str]], *, concerned: bool
) -> None:
    named(manual, paths)
    manual.fault("controller-down", application="prod")
    pushed(manual, commit(manual), **files)
    assert is_asked(manual) is concerned


def test_whoever_was_not_told_stays_behind_until_somebody_looks(manual: Lab) -> None:
    named(manual, "/configs/prod")
    before = manual.get("prod").json()
    sha = commit(manual)
    pushed(manual, sha, modified=["configs/dev/values.json"])
    assert manual.get("prod").json() == before
    assert manual.refresh("prod")["status"]["sync"]["revision"] == sha
