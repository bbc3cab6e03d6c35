"""After a generated name got its suffix, whoever refers to it must follow."""

from __future__ import annotations

from collections.abc import Iterator

from liftgate_sandbox.argocd.kube import Object, pod_specs


def rename_references(objects: list[Object], renamed: dict[tuple[str, str], str]) -> None:
    """Change volumes, `env` and `envFrom` that name a (kind, name) in `renamed`, in place."""
    for obj in objects:
        for spec in pod_specs(obj):
            for kind, reference, field in _references(spec):
                new = renamed.get((kind, reference.get(field, "")))
                if new:
                    reference[field] = new


def _references(spec: Object) -> Iterator[tuple[str, Object, str]]:
    for volume in spec.get("volumes") or []:
        yield from _sources(volume)
        for source in volume.get("projected", {}).get("sources") or []:
            yield from _sources(source, field="name")
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        for entry in container.get("envFrom") or []:
            yield "ConfigMap", entry.get("configMapRef", {}), "name"
            yield "Secret", entry.get("secretRef", {}), "name"
        for entry in container.get("env") or []:
            source = entry.get("valueFrom") or {}
            yield "ConfigMap", source.get("configMapKeyRef", {}), "name"
            yield "Secret", source.get("secretKeyRef", {}), "name"


def _sources(volume: Object, *, field: str = "secretName") -> Iterator[tuple[str, Object, str]]:
    yield "ConfigMap", volume.get("configMap") or {}, "name"
    yield "Secret", volume.get("secret") or {}, field
