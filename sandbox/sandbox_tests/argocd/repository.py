"""A configuration repository on disk, changed by commits as people do."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import yaml

GENERATOR = {
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    "argocd.argoproj.io/sync-options": "Prune=false",
}


class Config:
    """A work tree with its repository in `.git`, empty or like another one; `commit` returns the new SHA."""

    def __init__(self, folder: Path, like: Path | None = None) -> None:
        self.folder = folder
        if like:
            shutil.copytree(like, folder)
            return
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", "--template=")
        with (folder / ".git" / "config").open("a") as config:
            config.write("[user]\n\tname = Config Bot\n\temail = bot@example.com\n")

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, path: str, content: Any) -> None:
        """A text as it is; anything else as JSON, or as YAML documents by the file's name."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str):
            content = json.dumps(content) + "\n" if path.endswith(".json") else yaml.safe_dump_all(_list(content))
        file.write_text(content)

    def commit(self, message: str = "Change") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={message}")
        return self.git("rev-parse", "HEAD")

    def revert(self) -> str:
        self.git("revert", "--no-edit", "HEAD")
        return self.git("rev-parse", "HEAD")

    def environment(self, name: str, values: Any = None, *, options: Any = None) -> None:
        """A kustomization over `base` with the values in a generated ConfigMap."""
        generator = {"name": "environment-config", "files": ["values.json"]}
        kustomization = {"resources": ["../../base"], "configMapGenerator": [generator]}
        if options:
            kustomization["generatorOptions"] = options
        self.write(f"configs/{name}/kustomization.yaml", kustomization)
        self.values(name, values or settings(name))

    def values(self, name: str, values: Any) -> None:
        self.write(f"configs/{name}/values.json", values)


def _list(content: Any) -> list[Any]:
    return content if isinstance(content, list) else [content]


def settings(name: str, version: str = "1.0.0", **configs: Any) -> Any:
    """The values of an environment."""
    environment = {"name": name, "configs": configs or {"cache": {"enabled": True}}}
    return {"application": {"name": "app", "version": version, "environment": environment}}


def deployment(*, probed: bool = False, name: str = "app", labels: Any = None, deadline: int = 15) -> Any:
    container: Any = {"name": "app", "image": "registry.example.com/app:1.0.0"}
    container["volumeMounts"] = [{"name": "config", "mountPath": "/etc/app"}]
    if probed:
        container["readinessProbe"] = {"httpGet": {"path": "/healthz", "port": 8080}}
    pod = {
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": "environment-config"}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": 1,
            "progressDeadlineSeconds": deadline,
            "selector": {"matchLabels": {"app": "app"}},
            "template": {"metadata": {"labels": labels or {"app": "app"}}, "spec": pod},
        },
    }


def config_map(name: str, data: Any = None, **annotations: str) -> Any:
    metadata: Any = {"name": name} | ({"annotations": annotations} if annotations else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data or {"a": "1"}}


def job(name: str, hook: str, command: list[str], image: str = "slow") -> Any:
    container = {"name": name, "image": f"registry.example.com/migrate:{image}", "command": command}
    metadata = {"name": name, "annotations": {"argocd.argoproj.io/hook": hook}}
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}
