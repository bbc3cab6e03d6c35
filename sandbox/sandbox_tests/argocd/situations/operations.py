"""Recordings 40-96: operations by hand, what they leave, and what is refused meanwhile."""

from __future__ import annotations

from typing import Any

from sandbox_tests.argocd.lab import phase
from sandbox_tests.argocd.repository import config_map, job, settings
from sandbox_tests.argocd.situations.stage import Stage

_UNKNOWN = "0123456789" * 4
_APP = "/api/v1/applications/app-prod"


def by_hand(stage: Stage) -> None:
    """40-48."""
    sha = stage.config.git("rev-parse", "HEAD")
    stage.keep(40, stage.get("app-prod"))
    infos = [{"name": "promotion-id", "value": "dry-1"}]
    stage.keep(41, stage.sync("app-prod", revision=sha, dryRun=True, infos=infos))
    stage.done("app-prod")
    stage.keep(42, stage.get("app-prod"))
    infos = [{"name": "promotion-id", "value": "1"}, {"name": "reason", "value": "promote"}]
    stage.fault("controller-down", application="app-prod")
    stage.keep(43, stage.sync("app-prod", revision=sha, prune=True, infos=infos))
    stage.keep(44, stage.get("app-prod"))
    stage.no_faults()
    stage.settled("app-prod")
    stage.keep(46, stage.get("app-prod"))
    stage.keep(47, stage.sync("app-prod", revision=sha, infos=infos[:1]))
    stage.done("app-prod")
    stage.keep(48, stage.get("app-prod"))


def partly(stage: Stage) -> None:
    """49-52."""
    sha = stage.config.git("rev-parse", "HEAD")
    for number, group, kind, name in ((49, "apps", "Deployment", "app"), (51, "", "ConfigMap", "nope")):
        one = {"group": group, "kind": kind, "name": name, "namespace": "prod"}
        stage.keep(number, stage.sync("app-prod", revision=sha, resources=[one]))
        stage.done("app-prod")
        stage.keep(number + 1, stage.get("app-prod"))


def revisions(stage: Stage) -> None:
    """53-61."""
    sha = stage.config.git("rev-parse", "HEAD")
    stage.keep(53, stage.sync("app-prod", dryRun=True, promotionId="x"))
    stage.done("app-prod")
    stage.keep(54, stage.sync("app-prod", revision=_UNKNOWN))
    stage.done("app-prod")
    stage.keep(55, stage.get("app-prod"))
    stage.keep(56, stage.sync("app-prod", revision="no-such-branch"))
    stage.keep(57, stage.sync("app-prod", revision=sha[:8], dryRun=True))
    stage.done("app-prod")
    stage.keep(58, stage.sync("app-dev", revision=sha))
    for number, more in (
        (59, {"revision": "main"}),
        (60, {"infos": [{"name": "promotion-id", "value": "dev-1"}]}),
    ):
        stage.refresh("app-dev")
        stage.keep(number, stage.sync("app-dev", **more))
        stage.done("app-dev")
    stage.keep(61, stage.terminate("app-prod"))


def reading(stage: Stage) -> None:
    """62-69."""
    sha = stage.config.git("rev-parse", "HEAD")
    stage.keep(62, stage.get("app-prod", "/manifests", revision=sha))
    stage.keep(63, stage.get("app-prod", "/manifests", revision=_UNKNOWN))
    stage.keep(64, stage.get("app-prod", "/resource-tree"))
    stage.keep(65, stage.get("app-prod", "/managed-resources"))
    stage.keep(66, stage.get("app-prod", f"/revisions/{sha}/metadata"))
    stage.keep(67, stage.get("app-prod", f"/revisions/{_UNKNOWN}/metadata"))
    stage.keep(68, stage.get("app-prod", "/events"))
    stage.keep(69, stage.get("app-prod", "/syncwindows"))


def patch(stage: Stage, policy: str, *, admin: bool = True) -> Any:
    body = {"name": "app-prod", "project": "promo", "patch": policy, "patchType": "merge"}
    return (stage.admin if admin else stage.user).patch(_APP, json=body)


def rolling_back(stage: Stage) -> None:
    """70-77."""
    stage.keep(70, patch(stage, '{"spec":{"syncPolicy":null}}', admin=False))
    on = '{"spec": {"syncPolicy": {"automated": {"prune": true, "selfHeal": false}}}}'
    stage.keep(71, patch(stage, on))
    stage.keep(72, stage.user.post(f"{_APP}/rollback", json={"project": "promo", "id": 0}))
    stage.keep(73, patch(stage, '{"spec": {"syncPolicy": null}}'))
    stage.push("configs/prod/values.json", settings("prod", "1.1.0"))
    stage.keep(74, stage.get("app-prod", refresh="normal"))
    stage.sync("app-prod")
    stage.settled("app-prod")
    body = {"name": "app-prod", "project": "promo", "id": 0, "prune": False}
    stage.keep(75, stage.user.post(f"{_APP}/rollback", json=body))
    stage.done("app-prod")
    stage.wait("app-prod", lambda app: app["status"]["health"]["status"] == "Healthy")
    stage.keep(76, stage.get("app-prod"))
    stage.keep(77, stage.user.post(f"{_APP}/rollback", json=body | {"id": 999}))


def hooks(stage: Stage) -> None:
    """80-91."""
    stage.create("x-hook", "configs/hook", "scratch")
    stage.refresh("x-hook")
    stage.keep(80, stage.sync("x-hook", infos=[{"name": "promotion-id", "value": "h1"}]))
    stage.wait("x-hook", _shows_the_hook)
    stage.keep(81, stage.get("x-hook"))
    stage.keep(82, stage.sync("x-hook"))
    stage.keep(83, stage.get("x-hook", refresh="normal"))
    stage.keep(84, stage.user.post("/api/v1/applications/x-hook/rollback", json={"project": "promo", "id": 0}))
    stage.fault("controller-down", application="x-hook")
    stage.keep(85, stage.terminate("x-hook"))
    stage.keep(86, stage.get("x-hook"))
    stage.no_faults()
    stage.wait("x-hook", lambda app: phase(app) == "Failed")
    _hook(stage, "1")
    stage.keep(87, stage.sync("x-hook", infos=[{"name": "promotion-id", "value": "h3"}]))
    stage.done("x-hook")
    stage.sync("x-hook", infos=[{"name": "promotion-id", "value": "h4"}])
    stage.done("x-hook")
    stage.keep(90, stage.get("x-hook"))
    stage.create("x-hookfail", "configs/hookfail", "scratch")
    stage.refresh("x-hookfail")
    stage.sync("x-hookfail")
    stage.done("x-hookfail")
    stage.keep(91, stage.get("x-hookfail"))


def _hook(stage: Stage, seconds: str) -> None:
    """What is looked at while it runs must not end on a slow machine."""
    stage.push("configs/hook/all.yaml", [config_map("hook-config"), job("migrate", "PreSync", ["sleep", seconds])])


def _shows_the_hook(app: Any) -> bool:
    message = app["status"].get("operationState", {}).get("message", "")
    return bool(message.startswith("waiting for completion") and len(app["status"]["resources"]) == 2)


def terminated(stage: Stage) -> None:
    """88 and 89: after a hook that had to be deleted first."""
    _hook(stage, "60")
    stage.sync("x-hook", infos=[{"name": "promotion-id", "value": "t1"}])
    stage.wait("x-hook", _shows_the_hook)
    stage.terminate("x-hook")
    stage.wait("x-hook", lambda app: phase(app) == "Failed")
    stage.keep(88, stage.get("x-hook"))
    stage.keep(89, stage.terminate("x-hook"))


def failing(stage: Stage) -> None:
    """92-96."""
    stage.create("x-badres", "configs/badres", "scratch")
    stage.refresh("x-badres")
    stage.sync("x-badres")
    stage.done("x-badres")
    stage.keep(92, stage.get("x-badres"))
    retry = {"limit": 2, "backoff": {"duration": "4s", "factor": 2, "maxDuration": "10s"}}
    stage.sync("x-badres", retryStrategy=retry)
    stage.wait("x-badres", lambda app: app["status"].get("operationState", {}).get("retryCount") == 1)
    stage.keep(93, stage.get("x-badres"))
    stage.keep(94, stage.sync("x-badres"))
    stage.keep(95, stage.terminate("x-badres"))
    stage.done("x-badres")
    stage.keep(96, stage.get("x-badres"))
