"""Kubernetes objects as plain JSON: keys, stamps, paths and the compact text that Argo CD sends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias, TypeVar

Object: TypeAlias = dict[str, Any]
"""A Kubernetes object, or any JSON object of Argo CD's API."""

Json = TypeVar("Json")

TRACKING = "argocd.argoproj.io/tracking-id"
COMPARE_OPTIONS = "argocd.argoproj.io/compare-options"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
HOOK = "argocd.argoproj.io/hook"
WAVE = "argocd.argoproj.io/sync-wave"
REFRESH = "argocd.argoproj.io/refresh"
HYDRATE = "argocd.argoproj.io/hydrate"
FINALIZER = "resources-finalizer.argocd.argoproj.io"
"""An application that carries it takes its resources with it when it is deleted."""
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

CLUSTER_SCOPED = {"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass"}


def copied(value: Json) -> Json:
    """A copy of plain JSON, all the way down, and faster than `copy.deepcopy`."""
    made: Any = value
    if isinstance(value, dict):
        made = {name: copied(part) if isinstance(part, (dict, list)) else part for name, part in value.items()}
    elif isinstance(value, list):
        made = [copied(part) if isinstance(part, (dict, list)) else part for part in value]
    return made  # type: ignore[no-any-return]


class Key(NamedTuple):
    """What names one object in a cluster; `str()` is the key of the state file."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "|".join(self)


def group_version(obj: Object) -> tuple[str, str]:
    """`apps/v1` is ("apps", "v1"), `v1` is ("", "v1")."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    return group, version


def key_of(obj: Object, namespace: str = "") -> Key:
    """The key of `obj`; `namespace` is where it goes when it names none itself."""
    kind, metadata = obj["kind"], obj["metadata"]
    scope = "" if kind in CLUSTER_SCOPED else metadata.get("namespace") or namespace
    return Key(group_version(obj)[0], kind, scope, metadata.get("name", ""))


def annotations_of(obj: Object) -> dict[str, str]:
    """The annotations, {} when there are none; not for writing."""
    return obj.get("metadata", {}).get("annotations") or {}


def tracked_by(obj: Object) -> str:
    """The name of the application whose manifests hold `obj`, "" if none."""
    return annotations_of(obj).get(TRACKING, "").partition(":")[0]


def has_option(obj: Object, annotation: str, option: str) -> bool:
    """Whether a comma-separated annotation holds `option`, like `Prune=false`."""
    return option in [part.strip() for part in annotations_of(obj).get(annotation, "").split(",")]


def stamp(seconds: float) -> str:
    """Epoch seconds as Kubernetes writes them: whole seconds, UTC, `Z`."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(text: str) -> float:
    """The epoch seconds of a stamp."""
    return datetime.fromisoformat(text).timestamp()


def compact(value: object) -> str:
    """JSON as Go's encoder writes it: sorted, no spaces, `<`, `>` and `&` escaped."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def pod_specs(obj: Object) -> Iterator[Object]:
    """The pod specification in a workload or a pod, if it has one."""
    spec = obj.get("spec") or {}
    if obj.get("kind") == "Pod":
        yield spec
    if obj.get("kind") == "CronJob":
        spec = spec.get("jobTemplate", {}).get("spec", {})
    if "template" in spec:
        yield spec["template"].get("spec", {})


def containers(obj: Object) -> Iterator[Object]:
    """Every container of a workload or pod, init containers first."""
    for spec in pod_specs(obj):
        yield from spec.get("initContainers") or []
        yield from spec.get("containers") or []


def images(obj: Object) -> list[str]:
    """The images that `obj` runs, in order."""
    return [one["image"] for one in containers(obj) if "image" in one]
