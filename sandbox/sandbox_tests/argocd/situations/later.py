"""Recordings 200-290 as far as plain manifests can stand in for charts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sandbox_tests.argocd.lab import CLUSTER, phase
from sandbox_tests.argocd.repository import config_map, deployment, job
from sandbox_tests.argocd.situations.stage import Stage

_OPTIONS = {"syncOptions": ["CreateNamespace=true"]}
_WAVE = "argocd.argoproj.io/sync-wave"


def _create(stage: Stage, name: str, path: str, namespace: str, paths: str = "", **policy: Any) -> Any:
    """With CreateNamespace; `paths` are those of manifest-generate-paths."""
    source = {"repoURL": stage.url, "targetRevision": "main", "path": path}
    destination = {"server": CLUSTER, "namespace": namespace}
    spec = {"project": "promo", "source": source, "destination": destination, "syncPolicy": policy or _OPTIONS}
    metadata: Any = {"name": name}
    if paths:
        metadata["annotations"] = {"argocd.argoproj.io/manifest-generate-paths": paths}
    body = {"metadata": metadata, "spec": spec}
    return stage.admin.post("/api/v1/applications", json=body, params={"upsert": "true"})


def _chart(stage: Stage, version: str, port: int = 5432) -> str:
    """What the chart of the recordings renders."""
    app = bare(deployment())
    app["spec"]["template"]["metadata"]["annotations"] = {"checksum/config": f"{version}-{port}"}
    app["spec"]["template"]["spec"]["containers"][0]["image"] = f"registry.example.com/app:{version}"
    return stage.push("chart/all.yaml", [config_map("app-config", {"port": str(port), "version": version}), app])


def bare(made: Any, config: str = "") -> Any:
    """A Deployment that mounts nothing, or one ConfigMap."""
    pod = made["spec"]["template"]["spec"]
    pod["volumes"] = [{"name": "config", "configMap": {"name": config}}] if config else []
    pod["containers"][0].pop("volumeMounts")
    return made


def charts(stage: Stage) -> None:
    """200-207."""
    _chart(stage, "1.0.0")
    stage.keep(200, _create(stage, "x-helm", "chart", "h-helm"))
    stage.wait("x-helm", lambda app: app["status"]["sync"]["status"] == "OutOfSync")
    stage.keep(201, stage.get("x-helm"))
    stage.keep(202, stage.get("x-helm", "/manifests"))
    stage.keep(203, stage.sync("x-helm", infos=[{"name": "promotion-id", "value": "01"}]))
    stage.settled("x-helm")
    stage.keep(204, stage.get("x-helm"))
    _chart(stage, "1.1.0")
    stage.keep(205, stage.get("x-helm", refresh="normal"))
    stage.keep(206, stage.get("x-helm", "/managed-resources"))
    sha = _chart(stage, "1.1.0", 5433)
    stage.refresh("x-helm")
    stage.sync("x-helm")
    stage.settled("x-helm", sha)
    stage.keep(207, stage.get("x-helm"))


def missing(stage: Stage) -> None:
    """222, 236 and 239: a set has not made it yet, or no longer."""
    stage.keep(222, stage.get("hset-qa"))
    stage.keep(236, stage.get("hset-load"))
    stage.keep(239, stage.get("hset-r99", refresh="normal"))


def paths(stage: Stage) -> None:
    """240-245."""
    _create(stage, "x-mgp", "chart", "h-mgp", "/chart;/configs/staging")
    stage.settled("hset-staging")
    stage.sync("x-mgp")
    stage.settled("x-mgp")
    sha = stage.push("configs/dev/note.txt", "for dev only")
    change = {"id": sha, "added": ["configs/dev/note.txt"], "removed": [], "modified": []}
    repository = {"html_url": stage.url, "clone_url": stage.url, "default_branch": "main"}
    push = {"ref": "refs/heads/main", "after": sha, "repository": repository, "commits": [change]}
    stage.keep(240, stage.client().post("/api/webhook", json=push, headers={"X-GitHub-Event": "push"}))
    stage.wait("app-dev", lambda app: app["status"]["sync"].get("revision") == sha)
    stage.keep(241, stage.get("hset-staging"))
    stage.keep(242, stage.get("hset-staging", refresh="normal"))
    stage.keep(243, stage.sync("x-mgp", revision=sha))
    stage.settled("x-mgp", sha)
    stage.keep(244, stage.get("x-mgp"))
    _race(stage)


def _race(stage: Stage) -> None:
    def push(value: str) -> str:
        return stage.push("tests/race/all.yaml", [config_map("r", {"n": value}), job("pre", "PreSync", ["sleep 0.3"])])

    push("1")
    policy = {"automated": {"selfHeal": False}}
    _create(stage, "x-race", "tests/race", "h-waves", "/tests/race", **policy)
    stage.settled("x-race")
    push("2")
    stage.refresh("x-race")
    stage.wait("x-race", lambda app: phase(app) == "Running")
    sha = push("3")
    stage.refresh("x-race")
    stage.settled("x-race", sha)
    stage.keep(245, stage.get("x-race"))


def _waves(stage: Stage, last: str, test: str, config: str = "") -> str:
    web = bare(deployment(name="web", deadline=1), config)
    web["metadata"]["annotations"] = {_WAVE: "1"}
    found = [config_map("first"), web, config_map("last", {"a": last}, **{_WAVE: "2"})]
    return stage.push("tests/waves/all.yaml", [*found, job("integration-test", "PostSync", [test], "test")])


def waves(stage: Stage) -> None:
    """251-256."""
    _waves(stage, "1", "sleep 0.1")
    _create(stage, "x-waves", "tests/waves", "h-waves")
    stage.refresh("x-waves")
    stage.sync("x-waves")
    stage.done("x-waves")
    stage.keep(251, stage.get("x-waves"))
    _waves(stage, "2", "false")
    stage.sync("x-waves")
    stage.wait("x-waves", lambda app: phase(app) == "Failed" and app["status"]["sync"]["status"] == "Synced")
    stage.keep(253, stage.get("x-waves"))
    stage.keep(254, stage.get("x-waves", refresh="normal"))
    _waves(stage, "3", "false", "missing")
    stage.sync("x-waves")
    stage.wait("x-waves", lambda app: phase(app) == "Failed")
    stage.refresh("x-waves")
    stage.keep(256, stage.get("x-waves"))


def _tested(stage: Stage, value: str, command: str) -> str:
    test = job("integration-test", "PostSync", [command], "test")
    return stage.push("tests/wauto/all.yaml", [config_map("w", {"a": value}), test])


def tested(stage: Stage) -> None:
    """258 and 259, 288-290."""
    _tested(stage, "1", "true")
    policy: Any = {"automated": {"selfHeal": True}} | _OPTIONS
    _create(stage, "x-wauto", "tests/wauto", "h-waves", **policy)
    stage.settled("x-wauto")
    _tested(stage, "2", "false")
    stage.refresh("x-wauto")
    stage.wait("x-wauto", lambda app: _last(app).get("retryCount") == 1)
    stage.refresh("x-wauto")
    stage.keep(258, stage.get("x-wauto"))
    _tested(stage, "2", "true")
    stage.refresh("x-wauto")
    stage.terminate("x-wauto")
    stage.done("x-wauto")
    stage.keep(259, stage.get("x-wauto"))
    stage.sync("x-wauto")
    stage.done("x-wauto")
    stage.keep(288, stage.get("x-wauto"))
    _tested(stage, "2", "sleep 30")
    stage.keep(289, stage.get("x-wauto", refresh="normal"))
    stage.sync("x-wauto")
    stage.wait("x-wauto", lambda app: "completion of hook" in _last(app).get("message", ""))
    stage.terminate("x-wauto")
    stage.wait("x-wauto", lambda app: phase(app) == "Failed" and len(app["status"]["resources"]) == 1)
    stage.keep(290, stage.get("x-wauto"))


def _last(app: Any) -> Any:
    return app["status"].get("operationState", {})


def windows(stage: Stage) -> None:
    """260-268: an hour of Tokyo's, which is nine hours before that of London."""
    now = datetime.now(UTC).hour
    inside, outside = f"0 {(now + 9) % 24} * * *", f"0 {now} * * *"
    asked: list[tuple[int, str, str, bool]] = [
        (260, "allow", inside, False), (262, "allow", outside, True), (261, "allow", outside, False),
        (263, "deny", inside, True), (264, "deny", inside, False), (265, "deny", outside, False),
    ]  # fmt: skip
    for number, kind, schedule, manual in asked:
        _window(stage, kind=kind, schedule=schedule, manualSync=manual, timeZone="Asia/Tokyo")
        stage.keep(number, stage.get("x-helm", "/syncwindows"))
        if number == 261:
            stage.keep(266, stage.sync("x-helm"))
    stage.keep(267, stage.admin.get("/api/v1/projects/promo/syncwindows"))
    _window(stage, kind="deny", schedule="* * * * *", manualSync=False, timeZone="No/Where")
    stage.keep(268, stage.get("x-helm", "/syncwindows"))
    stage.admin.post("/sandbox/windows", json={"project": "promo", "windows": []}).raise_for_status()


def _window(stage: Stage, **window: Any) -> None:
    body = {"project": "promo", "windows": [window | {"duration": "1h", "applications": ["*"]}]}
    stage.admin.post("/sandbox/windows", json=body).raise_for_status()


def previews(stage: Stage) -> None:
    """270-281: a commit that nobody merged."""
    stage.refresh("x-helm")
    git = stage.config.git
    git("checkout", "--quiet", "-b", "promo/dev-2.0.0")
    sha = _chart(stage, "2.0.0", 6000)
    git("update-ref", "refs/pull/1/head", sha)
    git("checkout", "--quiet", "main")
    stage.keep(270, stage.get("x-helm", "/manifests", revision=sha))
    stage.keep(271, stage.get("x-helm", "/manifests", revision="promo/dev-2.0.0"))
    git("branch", "--quiet", "-D", "promo/dev-2.0.0")
    asked: Any = {"project": "promo", "revision": sha}
    diff = "/api/v1/applications/x-helm/server-side-diff"
    stage.keep(274, stage.user.get(diff, params=asked))
    asked |= {"targetManifests": stage.answers[270].json()["manifests"]}
    stage.keep(275, stage.user.get(diff, params=asked))
    live = {"kind": "ConfigMap", "namespace": "h-helm", "name": "app-config", "liveState": "{}"}
    stage.keep(276, stage.user.get(diff, params=asked | {"liveResources": json.dumps(live)}))
    stage.keep(277, stage.user.post(diff, json=asked | {"liveResources": [live]}))
    stage.keep(281, stage.get("hset-staging", "/manifests", revision=sha))
    both = {"project": "promo", "revisions": [sha, sha], "sourcePositions": ["1", "2"]}
    stage.keep(273, stage.user.get("/api/v1/applications/x-multi/manifests", params=both))
    stage.sync("x-helm", revision=sha, dryRun=True).raise_for_status()
    stage.done("x-helm")
    stage.keep(278, stage.get("x-helm"))
    stage.keep(279, stage.sync("hset-dev", revision=sha, dryRun=True))
    stage.done("hset-dev")
    stage.keep(280, stage.get("hset-dev"))
