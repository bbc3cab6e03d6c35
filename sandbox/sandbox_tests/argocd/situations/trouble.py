"""Recordings 110-189: drift, health, what does not render, outages, windows, webhooks, several sources."""

from __future__ import annotations

import json
from typing import Any

from sandbox_tests.argocd.lab import AUTOMATED, phase
from sandbox_tests.argocd.repository import config_map, deployment, settings
from sandbox_tests.argocd.situations.stage import Stage

_ROLLBACK = "/api/v1/applications/app-prod/rollback"


def drift(stage: Stage, group: str, kind: str, name: str, **change: Any) -> None:
    namespace = change.pop("namespace", "prod")
    body = {"group": group, "kind": kind, "namespace": namespace, "name": name} | change
    stage.admin.post("/sandbox/drift", json=body).raise_for_status()


def _out_of_sync(app: Any) -> bool:
    return bool(app["status"]["sync"]["status"] == "OutOfSync" and app["status"]["health"]["status"] == "Healthy")


def drifting(stage: Stage) -> None:
    """110-113 and 115."""
    stage.push("configs/prod/values.json", settings("prod", "1.2.0"))
    stage.refresh("app-prod")
    stage.sync("app-prod", infos=[{"name": "promotion-id", "value": "sse-1"}])
    stage.settled("app-prod")
    drift(stage, "apps", "Deployment", "app", patch={"spec": {"replicas": 2}})
    stage.wait("app-prod", _out_of_sync)
    stage.keep(110, stage.get("app-prod"))
    stage.keep(111, stage.get("app-prod", "/managed-resources", kind="Deployment"))
    stage.keep(112, stage.get("app-prod", "/server-side-diff", appName="app-prod"))
    drift(stage, "", "ConfigMap", "environment-config", namespace="staging", patch={"data": {"extra": "1"}})
    stage.refresh("app-staging")
    stage.keep(113, stage.get("app-staging"))
    drift(stage, "apps", "Deployment", "app", delete=True)
    stage.wait("app-prod", lambda app: not app["status"]["summary"])
    stage.keep(115, stage.get("app-prod"))


def healing(stage: Stage) -> None:
    """114, 117, 122 and 123."""
    changed = {"data": {"values.json": "{}"}}
    stage.sync("app-staging", infos=[])
    stage.done("app-staging")
    drift(stage, "", "ConfigMap", "environment-config", namespace="staging", patch=changed)
    stage.wait("app-staging", _out_of_sync)
    stage.keep(114, stage.get("app-staging"))
    stage.push("configs/dev/values.json", settings("dev", "1.1.0"))
    stage.refresh("app-dev")
    stage.settled("app-dev")
    sha = stage.push("README.md", "unrelated")
    stage.refresh("app-staging")
    stage.settled("app-staging", sha)
    stage.keep(122, stage.get("app-staging"))
    stage.refresh("app-dev")
    stage.keep(123, stage.get("app-dev"))
    stage.sync("app-dev")
    stage.done("app-dev")
    drift(stage, "apps", "Deployment", "app", namespace="dev", patch={"spec": {"replicas": 2}})
    stage.wait(
        "app-dev",
        lambda app: "autoHealAttemptsCount" in str(app["status"].get("operationState", {}).get("operation")),
    )
    stage.settled("app-dev")
    stage.keep(117, stage.get("app-dev"))


def health(stage: Stage) -> None:
    """118-121: a release that does not come up, and its revert."""
    stage.sync("app-prod", prune=False)
    stage.settled("app-prod")
    stage.push("configs/prod/values.json", settings("prod", "1.5.0"))
    stage.refresh("app-prod")
    stage.sync("app-prod")
    stage.wait(
        "app-prod",
        lambda app: phase(app) == "Succeeded" and app["status"]["health"]["status"] == "Progressing",
    )
    stage.refresh("app-prod")
    stage.keep(118, stage.get("app-prod"))
    stage.wait("app-prod", lambda app: app["status"]["health"]["status"] == "Degraded")
    stage.keep(119, stage.get("app-prod"))
    stage.config.revert()
    crashing = deployment(probed=True, deadline=1)
    crashing["spec"]["template"]["spec"]["containers"][0]["command"] = ["false"]
    stage.push("base/deployment.yaml", crashing)
    stage.refresh("app-prod")
    stage.sync("app-prod")
    stage.wait("app-prod", lambda app: app["status"]["health"]["status"] == "Progressing")
    stage.wait("app-prod", lambda app: app["status"]["health"]["status"] == "Degraded")
    stage.keep(120, stage.get("app-prod", "/resource-tree"))
    stage.config.revert()
    stage.refresh("app-prod")
    stage.sync("app-prod")
    stage.settled("app-prod")
    stage.keep(121, stage.get("app-prod"))


def not_rendering(stage: Stage) -> None:
    """130-148."""
    names = ("badkust", "badyaml", "onlyjson", "onlyyaml", "badkind", "nopath")
    for number, name in zip(range(130, 148, 3), names, strict=True):
        app, path = f"x-{name}", f"configs/{name}"
        made = stage.keep(number, stage.create(app, path, "scratch", query={"upsert": "true"}))
        if made.status_code != 200:
            stage.create(app, path, "scratch", query={"upsert": "true", "validate": "false"}).raise_for_status()
        stage.keep(number + 1, stage.get(app, refresh="normal"))
        stage.refresh(app)
        stage.sync(app)
        stage.done(app)
        stage.keep(number + 2, stage.get(app))
    stage.keep(148, stage.get("x-badkust", "/manifests"))


def outages(stage: Stage) -> None:
    """150-157; only here the repository has to be on a server."""
    _read_from(stage, stage.remote)
    for number, status in ((150, 503), (154, 401)):
        stage.git.refuse = status
        stage.keep(number, stage.get("app-prod", refresh="normal"))
        stage.keep(number + 1, stage.sync("app-prod"))
        stage.keep(number + 2, stage.get("app-prod"))
        stage.git.refuse = 0
        stage.keep(number + 3, stage.get("app-prod", refresh="normal"))
    _read_from(stage, stage.url)


def _read_from(stage: Stage, url: str) -> None:
    change = json.dumps({"spec": {"source": {"repoURL": url}}})
    body = {"patch": change, "patchType": "merge"}
    stage.admin.patch(stage.path("app-prod"), json=body).raise_for_status()
    stage.refresh("app-prod")


def windows(stage: Stage, *, manual: bool = False, none: bool = False) -> None:
    window = {
        "kind": "deny",
        "schedule": "* * * * *",
        "duration": "1h",
        "manualSync": manual,
        "applications": ["*"],
    }
    body = {"project": "promo", "windows": [] if none else [window]}
    stage.admin.post("/sandbox/windows", json=body).raise_for_status()


def denied(stage: Stage) -> None:
    """160-169."""
    sha = stage.push("base/deployment.yaml", deployment(probed=True, deadline=2))
    stage.refresh("app-dev")
    stage.settled("app-dev", sha)
    stage.sync("app-prod")
    stage.done("app-prod")
    stage.settled("app-prod", sha)
    windows(stage)
    stage.keep(160, stage.sync("app-prod"))
    stage.keep(161, stage.get("app-prod", "/syncwindows"))
    stage.keep(162, stage.sync("app-prod", dryRun=True))
    stage.push("configs/dev/values.json", settings("dev", "1.2.0"))
    stage.keep(166, stage.get("app-dev", refresh="normal"))
    first = stage.get("app-prod").json()["status"]["history"][0]["id"]
    stage.keep(163, stage.user.post(_ROLLBACK, json={"name": "app-prod", "project": "promo", "id": first}))
    stage.wait("app-prod", lambda app: "blocked" in app["status"].get("operationState", {}).get("message", ""))
    stage.push("configs/prod/values.json", settings("prod", "1.1.0"))
    stage.refresh("app-prod")
    stage.keep(164, stage.get("app-prod"))
    stage.terminate("app-prod")
    stage.keep(167, stage.get("app-prod"))
    stage.keep(168, stage.sync("app-prod"))
    windows(stage, none=True)
    stage.refresh("app-prod")
    stage.wait("app-prod", lambda app: phase(app) == "Failed")
    stage.keep(169, stage.get("app-prod"))
    stage.sync("app-prod")
    stage.done("app-prod")
    stage.settled("app-prod")
    windows(stage, manual=True)
    stage.keep(165, stage.sync("app-prod"))
    windows(stage, none=True)
    stage.done("app-prod")


def webhooks(stage: Stage) -> None:
    """170-175."""
    nobody = stage.client()
    stage.refresh("app-dev")
    stage.settled("app-dev")
    sha = stage.push("configs/dev/values.json", settings("dev", "1.3.0"))
    repository = {
        "html_url": stage.url.removesuffix(".git"),
        "clone_url": stage.url,
        "default_branch": "main",
    }
    push = {"ref": "refs/heads/main", "after": sha, "repository": repository}
    for number, event, body in ((170, "push", push), (173, "ping", {"zen": "x"}), (174, "star", {})):
        headers = {"X-GitHub-Event": event}
        stage.keep(number, nobody.post("/api/webhook", json=body, headers=headers))
    stage.settled("app-dev", sha)
    stage.keep(171, stage.get("app-dev"))
    stage.keep(172, nobody.post("/api/webhook", json={"ref": "refs/heads/main"}))
    stage.keep(175, nobody.post("/api/webhook", content='{"ref":', headers={"X-GitHub-Event": "push"}))


def several_sources(stage: Stage) -> None:
    """176-182."""
    where = {"repoURL": stage.url, "targetRevision": "main"}
    sources = [where | {"path": "configs/multi"}, where | {"path": "configs/multi2"}]
    stage.create("x-multi", "", "scratch", sources=sources).raise_for_status()
    stage.refresh("x-multi")
    sha = stage.config.git("rev-parse", "HEAD")
    stage.keep(176, stage.sync("x-multi", revisions=[sha, sha], sourcePositions=[1, 2]))
    stage.settled("x-multi")
    stage.keep(177, stage.get("x-multi"))
    stage.keep(178, stage.sync("x-multi", revisions=[sha, sha], sourcePositions=[1]))
    stage.done("x-multi")
    wrong: list[tuple[int, list[Any]]] = [(179, ["1"]), (180, [1, 2]), (181, [5]), (182, [0])]
    for number, positions in wrong:
        stage.keep(number, stage.sync("x-multi", revisions=[sha], sourcePositions=positions))


def blocking_retry(stage: Stage) -> None:
    """185-189."""
    stage.create("x-auto", "configs/auto", "scratch", syncPolicy=AUTOMATED)
    stage.refresh("x-auto")
    stage.wait("x-auto", lambda app: app["status"].get("operationState", {}).get("retryCount") == 1)
    stage.keep(185, stage.get("x-auto"))
    good = stage.push("configs/auto/config.yaml", config_map("auto-a", {"n": "1"}))
    stage.refresh("x-auto")
    stage.keep(186, stage.get("x-auto"))
    stage.terminate("x-auto")
    stage.settled("x-auto", good)
    retry = {"limit": 1, "backoff": {"duration": "10ms"}}
    stage.create("x-auto", "configs/auto", "scratch", syncPolicy=AUTOMATED | {"retry": retry}, query={"upsert": "true"})
    stage.push("configs/auto/config.yaml", config_map("auto-a", {"n": 2}))
    stage.refresh("x-auto")
    stage.wait("x-auto", lambda app: phase(app) == "Failed")
    stage.refresh("x-auto")
    stage.keep(188, stage.get("x-auto"))
    stage.keep(189, stage.create("x-auto", "configs/multi", "scratch"))
