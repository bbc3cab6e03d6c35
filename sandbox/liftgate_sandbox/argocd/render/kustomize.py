"""`kustomize build` for what environment repositories use; anything else is refused by name."""

from __future__ import annotations

import posixpath
from functools import lru_cache
from typing import Any

import yaml

from liftgate_sandbox.argocd.kube import CLUSTER_SCOPED, Object, containers, copied, pod_specs
from liftgate_sandbox.argocd.render.directory import RenderError, documents_of, items_of, yaml_problem
from liftgate_sandbox.argocd.render.generators import generate
from liftgate_sandbox.argocd.render.references import rename_references
from liftgate_sandbox.argocd.repository import Files

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_CACHE = "<path to cached source>"
_KNOWN = {
    "apiVersion", "kind", "metadata", "resources", "configMapGenerator", "secretGenerator",
    "generatorOptions", "namespace", "commonLabels", "commonAnnotations", "labels", "images",
}  # fmt: skip
_ORDER = [
    "Namespace",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "Deployment",
]


def build(files: Files, folder: str) -> list[Object]:
    """The objects of a kustomization, in Kustomize's order; RenderError as the kustomize program says it."""
    try:
        return sorted(_accumulate(files, folder), key=_rank)
    except RenderError as error:
        where = f"{_CACHE}/{folder}"
        text = f"`kustomize build {where}` failed exit status 1: Error: {error}"
        raise RenderError(text) from error


def _rank(obj: Object) -> int:
    return _ORDER.index(obj["kind"]) if obj["kind"] in _ORDER else len(_ORDER)


def _accumulate(files: Files, folder: str) -> list[Object]:
    kustomization = _kustomization(files, folder)
    objects: list[Object] = []
    for entry in kustomization.get("resources") or []:
        objects += _resource(files, folder, str(entry))
    renamed: dict[tuple[str, str], str] = {}
    for made in generate(files, folder, kustomization):
        objects.append(made.object)
        renamed[made.object["kind"], made.plain_name] = made.object["metadata"]["name"]
    rename_references(objects, renamed)
    for obj in objects:
        _transform(obj, kustomization)
    return objects


def _kustomization(files: Files, folder: str) -> Object:
    found = [name for name in KUSTOMIZATIONS if posixpath.join(folder, name) in files]
    if not found:
        names = "'kustomization.yaml', 'kustomization.yml' or 'Kustomization'"
        raise RenderError(f"unable to find one of {names} in directory '{_CACHE}/{folder}'")
    try:
        read = copied(_read(files[posixpath.join(folder, found[0])])) or {}
    except yaml.YAMLError as error:
        raise RenderError(f"invalid Kustomization: {yaml_problem(error)}") from error
    if not isinstance(read, dict):
        raise RenderError("invalid Kustomization: json: cannot unmarshal into Go value of type types.Kustomization")
    for field in sorted(read.keys() - _KNOWN):
        raise RenderError(f'invalid Kustomization: json: unknown field "{field}"')
    return read


@lru_cache(maxsize=128)
def _read(content: bytes) -> Any:
    """It stays the same from commit to commit."""
    return yaml.safe_load(content)


def _resource(files: Files, folder: str, entry: str) -> list[Object]:
    path = posixpath.normpath(posixpath.join(folder, entry))
    if path in files:
        try:
            documents = documents_of(files[path])
        except yaml.YAMLError as error:
            problem = f"accumulating resources from '{entry}': {yaml_problem(error)}"
            text = f"accumulating resources: accumulation err='{problem}'"
            raise RenderError(text) from error
        return [copied(item) for one in documents for item in items_of(one)]
    if any(name.startswith(f"{path}/") for name in files):
        return _accumulate(files, path)
    missing = f"{_CACHE}/{path}"
    problem = f"evalsymlink failure on '{missing}' : lstat {missing}: no such file or directory"
    raise RenderError(
        f"accumulating resources: accumulation err='accumulating resources from '{entry}': {problem}': "
        f"must build at directory: not a valid directory: {problem}"
    )


def _transform(obj: Object, kustomization: Object) -> None:
    metadata = obj.setdefault("metadata", {})
    if kustomization.get("namespace") and obj["kind"] not in CLUSTER_SCOPED:
        metadata["namespace"] = kustomization["namespace"]
    if kustomization.get("commonAnnotations"):
        metadata["annotations"] = (metadata.get("annotations") or {}) | kustomization["commonAnnotations"]
    if kustomization.get("commonLabels"):
        _label(obj, kustomization["commonLabels"], selectors=True, templates=True)
    for entry in kustomization.get("labels") or []:
        selectors = bool(entry.get("includeSelectors"))
        _label(
            obj,
            entry["pairs"],
            selectors=selectors,
            templates=selectors or bool(entry.get("includeTemplates")),
        )
    for change in kustomization.get("images") or []:
        for container in containers(obj):
            container["image"] = _image(container.get("image", ""), change)


def _label(obj: Object, pairs: Object, *, selectors: bool, templates: bool) -> None:
    metadata = obj["metadata"]
    metadata["labels"] = (metadata.get("labels") or {}) | pairs
    spec = obj.get("spec") or {}
    if templates and any(True for _ in pod_specs(obj)) and "template" in spec:
        template = spec["template"].setdefault("metadata", {})
        template["labels"] = (template.get("labels") or {}) | pairs
    if selectors and obj["kind"] == "Service":
        spec["selector"] = (spec.get("selector") or {}) | pairs
    if selectors and "matchLabels" in (spec.get("selector") or {}):
        spec["selector"]["matchLabels"] |= pairs


def _image(image: str, change: Object) -> str:
    name, _, tag = image.partition("@")[0].rpartition(":") if ":" in image.rpartition("/")[2] else (image, "", "")
    if name != change["name"]:
        return image
    name = change.get("newName", name)
    if change.get("digest"):
        return f"{name}@{change['digest']}"
    tag = str(change.get("newTag", tag))
    return f"{name}:{tag}" if tag else name
