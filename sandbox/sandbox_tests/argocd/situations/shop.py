"""Recordings 300-317: three environments whose old ConfigMaps stay, drift in them, and a closed window."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER, is_settled
from sandbox_tests.argocd.repository import GENERATOR, deployment, job, settings
from sandbox_tests.argocd.situations.stage import Stage
from sandbox_tests.argocd.situations.trouble import drift

_APPS = "/api/v1/applications"
_NAMES = ("dev", "staging", "prod")
_RETRY = {"limit": 2, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "30s"}}
_DRIFT = (
    "items.metadata.name,items.metadata.deletionTimestamp,items.status.sync,items.status.health,"
    "items.status.operationState,items.operation"
)
_CHOSEN = (
    "items.metadata.name,items.metadata.namespace,items.metadata.deletionTimestamp,items.spec.source.targetRevision,"
    "items.status.sync.status,items.status.sync.revision,items.status.health.status,items.status.operationState,"
    "items.status.resources"
)


def shop(stage: Stage) -> None:
    """300-306 and 308."""
    _fill(stage)
    _deploy(stage)
    stage.keep(300, _list(stage, fields=_CHOSEN))
    stage.keep(302, _list(stage))
    stage.keep(303, _get(stage, "prod", "/resource-tree"))
    stage.keep(304, _get(stage, "staging", "/syncwindows"))
    stage.keep(305, _list(stage, name="shop-staging", fields=_DRIFT))
    stage.keep(306, _get(stage, "staging"))
    # Argo CD's cache had lost the resource tree, from which it takes the health of each object.
    found = stage.argocd.controller.refreshes.found.pop("shop-dev")
    stage.keep(301, _get(stage, "dev", fields="metadata.name,metadata.deletionTimestamp,status.sync.status,operation"))
    stage.argocd.controller.refreshes.found["shop-dev"] = found
    drift(stage, "apps", "Deployment", "shop", namespace="shop-staging", patch={"spec": {"replicas": 4}})
    _settled(stage, "staging")
    stage.keep(308, _list(stage, name="shop-staging", fields=_DRIFT))


def changed_by_hand(stage: Stage) -> None:
    """310, 311, 313, 314, 316 and 317: pods that cannot start, self-heal off."""
    stage.keep(310, _list(stage, name="shop-dev", fields=_DRIFT))
    stage.keep(311, _get(stage, "dev", "/managed-resources", kind="Deployment"))
    _self_heal(stage, "dev", on=False)
    elsewhere = {"template": {"spec": {"volumes": [{"name": "config", "configMap": {"name": "not-there"}}]}}}
    drift(stage, "apps", "Deployment", "shop", namespace="shop-dev", patch={"spec": elsewhere})
    _wait(stage, "dev", lambda app: app["status"]["health"]["status"] == "Degraded")
    stage.keep(313, _get(stage, "dev", "/resource-tree"))
    body = {"name": "shop-dev", "infos": [{"name": "promotion-id", "value": "00000000-0000-0000-0000-000000000001"}]}
    stage.keep(314, stage.admin.post(f"{_APPS}/shop-dev/sync", json=body))
    _settled(stage, "dev")
    window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}
    stage.admin.post("/sandbox/windows", json={"project": "shop", "windows": [window]}).raise_for_status()
    stage.keep(316, _get(stage, "dev", "/syncwindows"))
    stage.keep(317, stage.admin.post(f"{_APPS}/shop-dev/sync", json={"name": "shop-dev"}))


def _fill(stage: Stage) -> None:
    made = deployment(probed=True, name="shop", deadline=1)
    made["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] = "shop-values"
    service: Any = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}}
    service["spec"] = {"selector": {"app": "app"}, "ports": [{"port": 80}]}
    stage.config.write("shop/base/kustomization.yaml", {"resources": ["all.yaml"]})
    stage.config.write("shop/base/all.yaml", [made, service])
    _release(stage, "1.0.0")
    stage.argocd.project("shop")
    for name in _NAMES:
        source = {"repoURL": stage.url, "targetRevision": "main", "path": f"shop/{name}"}
        destination = {"server": CLUSTER, "namespace": f"shop-{name}"}
        policy = AUTOMATED | {"retry": _RETRY, "syncOptions": ["CreateNamespace=true"]}
        spec = {"project": "shop", "source": source, "destination": destination, "syncPolicy": policy}
        body = {"metadata": {"name": f"shop-{name}"}, "spec": spec}
        stage.admin.post(_APPS, json=body).raise_for_status()


def _release(stage: Stage, version: str, smoke: str = "") -> None:
    """A ConfigMap by content in each environment; in staging a test after the sync, by its command."""
    for name in _NAMES:
        resources = ["../base", *(["smoke.yaml"] if smoke and name == "staging" else [])]
        generator = {"name": "shop-values", "files": ["values.json"]}
        made = {
            "resources": resources,
            "configMapGenerator": [generator],
            "generatorOptions": {"annotations": GENERATOR},
        }
        stage.config.write(f"shop/{name}/kustomization.yaml", made)
        stage.config.write(f"shop/{name}/values.json", settings(name, version))
    stage.config.write("shop/staging/smoke.yaml", [job("smoke", "PostSync", [smoke or "true"])])
    sha = stage.config.commit()
    for name in _NAMES if version != "1.0.0" else ():
        stage.admin.get(f"{_APPS}/shop-{name}", params={"refresh": "normal"})
        if not (smoke and name == "staging"):
            _settled(stage, name, sha)


def _deploy(stage: Stage) -> None:
    """Two more releases; the one between them does not pass its test in staging, and is synced by a person as well."""
    for name in _NAMES:
        _settled(stage, name)
    stage.admin.post(f"{_APPS}/shop-staging/sync", json={}).raise_for_status()
    _settled(stage, "staging")
    _release(stage, "1.1.0", smoke="false")
    _wait(stage, "staging", lambda app: "backoff limit" in json.dumps(app["status"].get("operationState", {})))
    stage.admin.delete(f"{_APPS}/shop-staging/operation").raise_for_status()
    _release(stage, "1.2.0")


def _self_heal(stage: Stage, name: str, *, on: bool) -> None:
    spec = _get(stage, name).json()["spec"]
    spec["syncPolicy"]["automated"]["selfHeal"] = on
    stage.admin.put(f"{_APPS}/shop-{name}/spec", json=spec).raise_for_status()


def _settled(stage: Stage, name: str, revision: str = "") -> None:
    _wait(stage, name, lambda app: is_settled(app) and revision in ("", app["status"]["sync"]["revision"]))


def _wait(stage: Stage, name: str, holds: Callable[[Any], bool]) -> None:
    stage.until(lambda: holds(_get(stage, name).json()))


def _list(stage: Stage, **query: str) -> httpx.Response:
    return stage.admin.get(_APPS, params={"projects": "shop"} | query)


def _get(stage: Stage, name: str, what: str = "", **query: str) -> httpx.Response:
    return stage.admin.get(f"{_APPS}/shop-{name}{what}", params=query)
