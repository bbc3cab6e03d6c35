"""One way in for all kinds of sources: find out the kind, render, mark what belongs to the application."""

from __future__ import annotations

import copy
from typing import NamedTuple

from liftgate.sandbox.argocd.kube import TRACKING, Object, key_of
from liftgate.sandbox.argocd.render.directory import RenderError, render_directory
from liftgate.sandbox.argocd.render.kustomize import KUSTOMIZATIONS, build
from liftgate.sandbox.argocd.repository import Files


class Rendered(NamedTuple):
    """The manifests of one source, in order, and the kind of source: Directory or Kustomize."""

    manifests: list[Object]
    source_type: str


def render(files: Files, source: Object, application: str, namespace: str) -> Rendered:
    """The tracked manifests of `source["path"]`; RenderError carries Argo CD's text."""
    path = str(source.get("path", "")).strip("/")
    folder = "" if path in ("", ".") else path
    if folder and not any(name.startswith(f"{folder}/") for name in files):
        raise RenderError(f"{path}: app path does not exist")
    kind = _kind(files, folder)
    if kind == "Helm":
        raise RenderError("Helm charts cannot be rendered by this stand-in: use Kustomize or plain manifests")
    objects = build(files, folder) if kind == "Kustomize" else render_directory(files, folder, source)
    return Rendered([_tracked(one, application, namespace) for one in objects], kind)


def _kind(files: Files, folder: str) -> str:
    def has(name: str) -> bool:
        return (f"{folder}/{name}" if folder else name) in files

    if has("Chart.yaml"):
        return "Helm"
    return "Kustomize" if any(has(name) for name in KUSTOMIZATIONS) else "Directory"


def _tracked(manifest: Object, application: str, namespace: str) -> Object:
    manifest = copy.deepcopy(manifest)
    metadata = manifest.setdefault("metadata", {})
    key = key_of(manifest | {"kind": manifest.get("kind", "")}, namespace)
    tracking = f"{application}:{key.group}/{key.kind}:{key.namespace}/{key.name}"
    metadata["annotations"] = (metadata.get("annotations") or {}) | {TRACKING: tracking}
    return manifest
