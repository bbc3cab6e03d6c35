"""Recordings 208-217, 235, 272 and 282: a chart that the `helm` program renders, and what it says when it cannot."""

from __future__ import annotations

from typing import Any

from sandbox_tests.argocd.lab import AUTOMATED, CLUSTER, phase
from sandbox_tests.argocd.repository import deployment
from sandbox_tests.argocd.situations.later import bare
from sandbox_tests.argocd.situations.stage import Stage

_OPTIONS = {"syncOptions": ["CreateNamespace=true"]}
_BROKEN = '{"application":\n {"version": ]}}'
_VALUE = "{{ .Values.application.version | quote }}"
_CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app-config\ndata: {application: VALUE}\n"


def _source(stage: Stage, file: str) -> Any:
    helm = {"releaseName": "app", "valueFiles": [file]}
    return {"repoURL": stage.url, "targetRevision": "main", "path": "chart", "helm": helm}


def _create(stage: Stage, name: str, namespace: str, *sources: Any) -> Any:
    spec: Any = {"project": "promo", "destination": {"server": CLUSTER, "namespace": namespace}}
    spec |= {"syncPolicy": _OPTIONS} | ({"source": sources[0]} if len(sources) == 1 else {"sources": list(sources)})
    body = {"metadata": {"name": name}, "spec": spec}
    return stage.admin.post("/api/v1/applications", json=body, params={"upsert": "true"})


def _values(stage: Stage, environment: str, version: str) -> str:
    return stage.push(f"configs/{environment}/values.json", {"application": {"version": version}})


def _template(stage: Stage, value: str = _VALUE) -> str:
    return stage.push("chart/templates/configmap.yaml", _CONFIG.replace("VALUE", value))


def one_source(stage: Stage) -> None:
    """208-215 and 272."""
    stage.config.git("rm", "--quiet", "chart/all.yaml")
    stage.config.write("chart/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n")
    stage.config.write("chart/templates/deployment.yaml", bare(deployment()))
    _template(stage)
    _values(stage, "dev", "1.0.0")
    dev = "../configs/dev/values.json"
    _create(stage, "x-helm", "h-helm", _source(stage, dev)).raise_for_status()
    stage.refresh("x-helm")
    stage.sync("x-helm")
    stage.settled("x-helm")
    _push_broken(stage)
    stage.push("configs/dev/values.json", _BROKEN)
    stage.keep(208, stage.get("x-helm", refresh="normal"))
    stage.keep(209, stage.sync("x-helm"))
    stage.wait("x-helm", lambda app: phase(app) == "Error")
    stage.keep(210, stage.get("x-helm"))
    stage.config.git("rm", "--quiet", "configs/dev/values.json")
    stage.config.commit()
    stage.keep(211, stage.get("x-helm", refresh="normal"))
    _values(stage, "dev", "1.0.0")
    _template(stage, "{{ .Values.application | nosuchfunc }}")
    stage.keep(212, stage.get("x-helm", refresh="normal"))
    _template(stage, '{{ required "application.owner is required" .Values.application.owner }}')
    stage.keep(213, stage.get("x-helm", refresh="normal"))
    _template(stage)
    stage.keep(214, _create(stage, "x-helm-miss", "h-helm", _source(stage, "../configs/nowhere/values.json")))
    stage.keep(215, _create(stage, "x-helm-esc", "h-helm", _source(stage, "../../../../etc/hostname")))


def _push_broken(stage: Stage) -> None:
    """272, while the rest is still well: a commit that nobody merged."""
    git = stage.config.git
    git("checkout", "--quiet", "-b", "promo/broken")
    sha = stage.push("configs/dev/values.json", f"{_BROKEN}\n")  # not the same commit as the later one
    git("checkout", "--quiet", "main")
    stage.keep(272, stage.get("x-helm", "/manifests", revision=sha))


def two_sources(stage: Stage) -> None:
    """216, 217 and 282."""
    _values(stage, "staging", "1.0.0")
    reference = {"repoURL": stage.url, "targetRevision": "main", "ref": "values"}
    sources = _source(stage, "$values/configs/staging/values.json"), reference
    stage.keep(216, _create(stage, "x-helm-multi", "h-multi", *sources))
    stage.wait("x-helm-multi", lambda app: app["status"]["sync"]["status"] == "OutOfSync")
    stage.sync("x-helm-multi")
    stage.settled("x-helm-multi")
    stage.keep(217, stage.get("x-helm-multi"))
    sha = stage.config.git("rev-parse", "HEAD")
    _values(stage, "staging", "1.1.0")
    stage.refresh("x-helm-multi")
    asked: Any = {"revisions": [sha], "sourcePositions": ["2"]}
    stage.keep(282, stage.user.get("/api/v1/applications/x-helm-multi/manifests", params=asked))


def a_folder_less(stage: Stage) -> None:
    """235: the application of a folder that is gone does not render, and is deleted."""
    _values(stage, "load", "1.0.0")
    source = _source(stage, "../{{.path.path}}/values.json")
    destination = {"server": CLUSTER, "namespace": "h-{{.path.basename}}"}
    spec = {"project": "promo", "source": source, "destination": destination, "syncPolicy": AUTOMATED | _OPTIONS}
    metadata = {"name": "hset-{{.path.basename}}", "labels": {"environment": "{{.path.basename}}"}}
    git = {"repoURL": stage.url, "revision": "main", "directories": [{"path": "configs/load"}]}
    template = {"metadata": metadata | {"annotations": {"a": "b"}}, "spec": spec}
    made = {"goTemplate": True, "generators": [{"git": git}], "template": template}
    body = {"metadata": {"name": "load"}, "spec": made}
    stage.admin.post("/api/v1/applicationsets", json=body).raise_for_status()
    stage.until(lambda: stage.get("hset-load").status_code == 200)
    stage.settled("hset-load")
    stage.config.git("rm", "--quiet", "-r", "configs/load")
    stage.config.commit()
    stage.get("hset-load", refresh="normal")
    stage.keep(235, stage.seen("hset-load", lambda app: _is_going(app) and "conditions" in app["status"]))


def _is_going(app: Any) -> bool:
    return "deletionTimestamp" in app["metadata"]
