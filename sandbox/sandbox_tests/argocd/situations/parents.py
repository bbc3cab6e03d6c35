"""Recordings 231-234 and 238: an application of applications, of which one and then the other is not well."""

from __future__ import annotations

from typing import Any

from liftgate_sandbox.argocd.cluster.applications import CUSTOMIZATION

from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER
from sandbox_tests.argocd.repository import config_map, deployment
from sandbox_tests.argocd.situations.later import bare
from sandbox_tests.argocd.situations.stage import Stage

_WAVE = "argocd.argoproj.io/sync-wave"


def child(url: str, name: str, wave: int, project: str = "promo") -> Any:
    """The manifest of one, which syncs by itself what is in `tests/NAME`."""
    metadata: Any = {"name": f"x-{name}", "namespace": "argocd"}
    if wave:
        metadata["annotations"] = {_WAVE: str(wave)}
    spec = {
        "project": project,
        "source": {"repoURL": url, "targetRevision": "main", "path": f"tests/{name}"},
        "destination": {"server": CLUSTER, "namespace": f"h-{name}"},
        "syncPolicy": AUTOMATED | {"syncOptions": ["CreateNamespace=true"]},
    }
    return {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}


def of_applications(stage: Stage) -> None:
    config = stage.config
    config.write("tests/child-a/all.yaml", bare(deployment(deadline=1)))
    config.write("tests/child-b/all.yaml", config_map("b"))
    children = [child(stage.url, "child-a", 0), child(stage.url, "child-b", 1)]
    stage.push("tests/parent/all.yaml", children)
    stage.create("x-parent", "tests/parent", "argocd").raise_for_status()
    stage.refresh("x-parent")
    stage.sync("x-parent")
    stage.settled("x-parent")
    stage.settled("x-child-a")
    stage.settled("x-child-b")
    stage.refresh("x-parent")
    stage.keep(231, stage.get("x-parent"))
    stage.keep(232, stage.get("x-parent", "/resource-tree"))
    stage.push("tests/child-a/all.yaml", bare(deployment(deadline=1), "missing"))
    stage.refresh("x-child-a")
    stage.wait("x-child-a", lambda app: app["status"]["health"].get("status") == "Degraded")
    stage.refresh("x-parent")
    stage.keep(233, stage.get("x-parent"))
    stage.push("tests/child-b/all.yaml", "kind: [")
    stage.refresh("x-child-b")
    stage.refresh("x-parent")
    stage.keep(234, stage.get("x-parent"))
    stage.push("tests/child-b/all.yaml", config_map("b"))
    stage.refresh("x-child-b")
    children[1]["spec"]["syncPolicy"] = AUTOMATED
    stage.push("tests/parent/all.yaml", children)
    stage.argocd.setting(CUSTOMIZATION, "the check of the documentation")
    stage.refresh("x-parent", "hard")
    stage.keep(238, stage.get("x-parent"))
