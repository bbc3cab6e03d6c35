"""One way in for all kinds of sources: find out the kind, render, mark what belongs to the application."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from liftgate_sandbox.argocd.kube import TRACKING, Object, copied, key_of
from liftgate_sandbox.argocd.render.directory import RenderError, render_directory
from liftgate_sandbox.argocd.render.helm import Chart, render_chart
from liftgate_sandbox.argocd.render.kustomize import KUSTOMIZATIONS, build
from liftgate_sandbox.argocd.repository import Files

_NONE: Mapping[str, Files] = MappingProxyType({})


class Rendered(NamedTuple):
    """The manifests of one source, in order, and the kind of source: Directory, Kustomize, Helm or "" (a reference)."""

    manifests: list[Object]
    source_type: str


def render(
    files: Files, source: Object, application: str, namespace: str, references: Mapping[str, Files] = _NONE
) -> Rendered:
    """The tracked manifests of `source["path"]`; RenderError carries Argo CD's text.

    `references` are the files of the sources that values files of a chart name, by their `ref`.
    """
    if source.get("ref") and not source.get("path"):
        return Rendered([], "")
    path = str(source.get("path", "")).strip("/")
    folder = "" if path in ("", ".") else path
    if folder and not any(name.startswith(f"{folder}/") for name in files):
        raise RenderError(f"{path}: app path does not exist")
    kind = _kind(files, folder)
    if kind == "Helm":
        objects = render_chart(Chart(files, folder, source.get("helm") or {}, references), application, namespace)
    else:
        objects = build(files, folder) if kind == "Kustomize" else render_directory(files, folder, source)
    return Rendered([_tracked(one, application, namespace) for one in objects], kind)


def _kind(files: Files, folder: str) -> str:
    def has(name: str) -> bool:
        return (f"{folder}/{name}" if folder else name) in files

    if has("Chart.yaml"):
        return "Helm"
    return "Kustomize" if any(has(name) for name in KUSTOMIZATIONS) else "Directory"


def _tracked(manifest: Object, application: str, namespace: str) -> Object:
    manifest = copied(manifest)
    metadata = manifest.setdefault("metadata", {})
    key = key_of(manifest | {"kind": manifest.get("kind", "")}, namespace)
    tracking = f"{application}:{key.group}/{key.kind}:{key.namespace}/{key.name}"
    metadata["annotations"] = (metadata.get("annotations") or {}) | {TRACKING: tracking}
    return manifest
