"""Kustomize's ConfigMap and Secret generators."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from liftgate_sandbox.argocd.kube import Object
from liftgate_sandbox.argocd.render.directory import RenderError
from liftgate_sandbox.argocd.render.suffix import content_suffix
from liftgate_sandbox.argocd.repository import Files

_KNOWN = {"name", "namespace", "behavior", "files", "literals", "options", "type"}


class Generated(NamedTuple):
    """A generated object under its full name, and the name by which others refer to it."""

    object: Object
    plain_name: str


def generate(files: Files, folder: str, kustomization: Object) -> Iterator[Generated]:
    """What the generators of a kustomization make; a missing file or unknown field is a RenderError."""
    for kind, field in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
        for entry in kustomization.get(field) or []:
            for unknown in sorted(entry.keys() - _KNOWN):
                raise RenderError(f'invalid Kustomization: json: unknown field "{unknown}"')
            options = (kustomization.get("generatorOptions") or {}) | (entry.get("options") or {})
            yield _one(kind, entry, options, dict(_pairs(files, folder, entry)))


def _one(kind: str, entry: Object, options: Object, data: dict[str, str]) -> Generated:
    obj: Object = {"apiVersion": "v1", "kind": kind, "metadata": {"name": entry["name"]}}
    if kind == "Secret":
        data = {name: base64.b64encode(value.encode()).decode() for name, value in data.items()}
        obj["type"] = entry.get("type", "Opaque")
    if data:
        obj["data"] = data
    for field in ("annotations", "labels"):
        if options.get(field):
            obj["metadata"][field] = dict(options[field])
    if entry.get("namespace"):
        obj["metadata"]["namespace"] = entry["namespace"]
    if not options.get("disableNameSuffixHash"):
        obj["metadata"]["name"] += f"-{content_suffix(obj)}"
    return Generated(obj, entry["name"])


def _pairs(files: Files, folder: str, entry: Object) -> Iterator[tuple[str, str]]:
    for item in entry.get("files") or []:
        name, separator, relative = str(item).partition("=")
        path = posixpath.normpath(posixpath.join(folder, relative if separator else name))
        if path not in files or path.startswith(".."):
            cached = f"<path to cached source>/{path}"
            problem = f"evalsymlink failure on '{cached}' : lstat {cached}: no such file or directory"
            raise RenderError(f"loading KV pairs: file sources: [{item}]: {problem}")
        if folder and not path.startswith(f"{folder}/"):
            cached = f"<path to cached source>/{path}"
            problem = f"security; file '{cached}' is not in or below '<path to cached source>/{folder}'"
            raise RenderError(f"loading KV pairs: file sources: [{item}]: {problem}")
        yield name if separator else posixpath.basename(name), files[path].decode()
    for item in entry.get("literals") or []:
        name, _, value = str(item).partition("=")
        yield name, value.strip("\"'")
