"""Recordings 220-229, 237, 246 and 248: what a set of applications does with a folder for each environment."""

from __future__ import annotations

import json
from typing import Any

import httpx

from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER
from sandbox_tests.argocd.situations.stage import Stage
from sandbox_tests.plain import http

_REFRESH = "argocd.argoproj.io/application-set-refresh"
_SET = "/api/v1/applicationsets/environment-config"
_OPTIONS = {"syncOptions": ["CreateNamespace=true"]}


def directories(stage: Stage) -> None:
    """220, 221 and 225: the set `environment-config` over `envs/*`, on the server; what it makes is read from disk."""
    for name in ("dev", "prod", "staging"):
        stage.config.write(f"envs/{name}/values.json", {"environment": name})
    stage.config.commit()
    made = _set(stage, "environment-config", {"directories": [{"path": "envs/*"}]})
    stage.admin.post("/api/v1/applicationsets", json=made).raise_for_status()
    stage.until(lambda: "conditions" in stage.admin.get(_SET).json()["status"])
    stage.keep(220, stage.admin.get(_SET))
    stage.keep(221, stage.user.get(_SET))
    for name in ("dev", "prod", "staging"):
        stage.settled(f"hset-{name}")


def _set(stage: Stage, name: str, git: Any) -> Any:
    spec = {
        "project": "promo",
        "source": {"repoURL": stage.url, "targetRevision": "main", "path": "chart"},
        "destination": {"server": CLUSTER, "namespace": "h-{{.path.basename}}"},
        "syncPolicy": AUTOMATED | _OPTIONS,
    }
    metadata = {
        "name": "hset-{{.path.basename}}",
        "labels": {"environment": "{{.path.basename}}"},
        "annotations": {"argocd.argoproj.io/manifest-generate-paths": "/chart;/configs/{{index .path.segments 1}}"},
    }
    generator = {"git": {"repoURL": stage.remote, "revision": "main"} | git}
    template = {"metadata": metadata, "spec": spec}
    options = {"goTemplate": True, "goTemplateOptions": ["missingkey=error"]}
    return {"metadata": {"name": name}, "spec": options | {"generators": [generator], "template": template}}


def new_directories(stage: Stage) -> None:
    """223-228: a folder is noticed by a sibling's refresh, the set's own annotation, and the set's own webhook."""
    for name in ("hset-qa", "hset-uat"):
        # Nobody has looked at it yet, when it is looked at by us.
        stage.fault("controller-down", application=name)
    stage.push("envs/qa/values.json", {})
    stage.refresh("hset-dev")
    stage.keep(223, _as_soon_as_there(stage, "hset-qa"))
    stage.push("envs/uat/values.json", {})
    annotate(stage, "environment-config", "true")
    stage.keep(224, _as_soon_as_there(stage, "hset-uat"))
    stage.no_faults()
    stage.settled("hset-uat")
    stage.keep(225, stage.get("hset-uat"))
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "h-perf"}}
    with stage.argocd.state.lock:
        stage.argocd.cluster.objects.put(namespace)
    sha = stage.push("envs/perf/values.json", {})
    repository = {"html_url": stage.remote, "clone_url": stage.remote, "default_branch": "main"}
    push = {"ref": "refs/heads/main", "after": sha, "repository": repository}
    hook = f"{stage.sets_served.url}/api/webhook"
    stage.keep(226, http.post(hook, json=push, headers={"X-GitHub-Event": "push"}))
    _as_soon_as_there(stage, "hset-perf")
    stage.settled("hset-perf")
    stage.refresh("hset-perf")
    change = json.dumps({"spec": {"source": {"targetRevision": sha}}})
    body = {"patch": change, "patchType": "merge"}
    stage.keep(227, stage.admin.patch(stage.path("hset-perf"), json=body))
    stage.wait("hset-perf", lambda app: app["spec"]["source"]["targetRevision"] == "main")
    stage.settled("hset-perf", sha)
    stage.refresh("hset-perf")
    stage.keep(228, stage.get("hset-perf"))


def annotate(stage: Stage, name: str, value: str) -> None:
    """What somebody with kubectl does."""
    made = stage.admin.get(f"/api/v1/applicationsets/{name}").json()
    made["metadata"].setdefault("annotations", {})[_REFRESH] = value
    stage.admin.post("/api/v1/applicationsets", json=made, params={"upsert": "true"}).raise_for_status()


def _as_soon_as_there(stage: Stage, name: str) -> httpx.Response:
    return stage.seen(name, lambda _: True)


def failing(stage: Stage) -> None:
    """229 and 237: a Git server that is down, a file that is no JSON."""
    stage.git.refuse = 503
    annotate(stage, "environment-config", "true")
    stage.until(lambda: "503" in stage.admin.get(_SET).text)
    stage.keep(229, stage.admin.get(_SET))
    stage.git.refuse = 0
    stage.push("configs/perf/values.json", {"application": {"version": "1.0.0"}})
    made = _set(stage, "files-set", {"files": [{"path": "configs/*/values.json"}]})
    template = made["spec"]["template"]
    made["spec"]["syncPolicy"] = {"preserveResourcesOnDeletion": True}
    version = {"version": "{{.application.version}}"}
    template["metadata"] = {"name": "hfile-{{.path.basename}}", "annotations": version}
    destination = {"server": CLUSTER, "namespace": "h-file-{{.path.basename}}"}
    template["spec"] |= {"syncPolicy": AUTOMATED, "destination": destination}
    stage.admin.post("/api/v1/applicationsets", json=made).raise_for_status()
    _as_soon_as_there(stage, "hfile-perf")
    stage.push("configs/perf/values.json", '{"application":\n{"version": ]}}')
    annotate(stage, "files-set", "true")
    path = "/api/v1/applicationsets/files-set"
    stage.until(lambda: "unable to parse" in stage.admin.get(path).text)
    stage.keep(237, stage.admin.get(path))
    stage.admin.delete(path).raise_for_status()


def going(stage: Stage) -> None:
    """246 and 248: one of its applications is deleted, then the set."""
    stage.keep(246, stage.admin.delete(stage.path("hset-qa"), params={"project": "promo", "cascade": "true"}))
    stage.keep(248, stage.admin.delete(_SET))
    stage.until(lambda: stage.get("hset-dev").status_code == 404)
