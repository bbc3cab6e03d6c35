"""Target against live: the sync status, the health and the resources of an application."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate_sandbox.argocd.cluster.admission import is_known
from liftgate_sandbox.argocd.cluster.health import WORSE, health_of
from liftgate_sandbox.argocd.cluster.objects import Objects, applied
from liftgate_sandbox.argocd.cluster.tree import image_summary, resource_tree
from liftgate_sandbox.argocd.kube import (
    COMPARE_OPTIONS,
    HOOK,
    LAST_APPLIED,
    WAVE,
    Key,
    Object,
    annotations_of,
    group_version,
    has_option,
    key_of,
)
from liftgate_sandbox.argocd.sources import Targets


@dataclass(frozen=True)
class Comparison:
    """One look at an application: what it should be, what it is, and the difference."""

    targets: Targets
    live: dict[Key, Object]
    resources: list[Object]
    status: str
    health: str
    nodes: list[Object]
    images: list[str]


def compare(app: Object, targets: Targets, objects: Objects) -> Comparison:
    """Compare the live objects of `app` with its targets."""
    live = _live(app["metadata"]["name"], targets, objects)
    keys = sorted({*targets.objects, *live})
    resources = [_resource(key, targets, live.get(key)) for key in keys]
    nodes = resource_tree(objects, [(key, live.get(key)) for key in keys])
    status = "Unknown" if targets.error else _status(keys, resources, live)
    return Comparison(targets, live, resources, status, _health(targets, live), nodes, image_summary(nodes))


def is_modified(target: Object, live: Object) -> bool:
    """Whether applying `target` would change a field that it or its predecessor declares."""
    return _declared(applied(target, live)) != _declared(live)


def _declared(obj: Object) -> Object:
    notes = {name: value for name, value in annotations_of(obj).items() if name != LAST_APPLIED}
    return obj | {"metadata": obj["metadata"] | {"annotations": notes}}


def _live(name: str, targets: Targets, objects: Objects) -> dict[Key, Object]:
    named = (obj for key in targets.objects if (obj := objects.get(key)))
    tracked = (obj for obj in objects.tracked_by(name) if not obj["metadata"].get("ownerReferences"))
    return {key_of(obj): obj for obj in (*named, *tracked)}


def _resource(key: Key, targets: Targets, live: Object | None) -> Object:
    target = targets.objects.get(key)
    shown = target or live or {}
    group = {"group": key.group} if key.group else {}
    entry: Object = group | {"version": group_version(shown)[1], "kind": key.kind, "namespace": key.namespace}
    entry["name"] = key.name
    if not (target is None and _is_hook(live)):
        entry["status"] = _resource_status(key, target, live, failed=bool(targets.error))
    elif live is not None:
        entry["hook"] = True
    if target is None:
        entry["requiresPruning"] = True
    wave = int(annotations_of(shown).get(WAVE, 0))
    return entry | ({"syncWave": wave} if wave else {})


def _resource_status(key: Key, target: Object | None, live: Object | None, *, failed: bool) -> str:
    if failed or not is_known(key.group, key.kind):
        return "Unknown"
    if target is None or live is None or is_modified(target, live):
        return "OutOfSync"
    return "Synced"


def _is_hook(live: Object | None) -> bool:
    return live is not None and HOOK in annotations_of(live)


def _status(keys: list[Key], resources: list[Object], live: dict[Key, Object]) -> str:
    for key, entry in zip(keys, resources, strict=True):
        extra = entry.get("requiresPruning") and has_option(live[key], COMPARE_OPTIONS, "IgnoreExtraneous")
        if entry.get("status") in ("OutOfSync", "Unknown") and not extra:
            return "OutOfSync"
    return "Synced"


def _health(targets: Targets, live: dict[Key, Object]) -> str:
    own = [obj for obj in live.values() if not _is_hook(obj)]
    if targets.objects and not own:
        return "Missing"
    found = [health["status"] for health in map(health_of, own) if health]
    return str(max(found, key=WORSE.index, default="Healthy"))
