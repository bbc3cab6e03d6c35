"""The resource tree of an application: its objects, and what the cluster made for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from liftgate_sandbox.argocd.cluster.health import health_of
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.cluster.pods import is_ready
from liftgate_sandbox.argocd.kube import Key, Object, annotations_of, group_version, images, key_of

_MADE = {"Deployment": "ReplicaSet", "ReplicaSet": "Pod", "Job": "Pod"}


def resource_tree(objects: Objects, roots: Iterable[tuple[Key, Object | None]]) -> list[Object]:
    """The nodes, by kind and name; a root without a live object is a Missing node."""
    nodes: list[Object] = []
    for key, live in roots:
        if live is None:
            nodes.append(_named(key, "v1") | {"health": {"status": "Missing"}})
        else:
            nodes += _nodes(objects, live)
    return sorted(nodes, key=lambda node: (node.get("group", ""), node["kind"], node["name"]))


def image_summary(nodes: Iterable[Object]) -> list[str]:
    """The images that run in the pods of a tree."""
    return sorted({image for node in nodes for image in node.get("images") or []})


def _nodes(objects: Objects, live: Object) -> Iterator[Object]:
    yield _node(live)
    made = _MADE.get(live["kind"])
    for one in objects.owned_by(live, made) if made else []:
        yield from _nodes(objects, one)


def _node(live: Object) -> Object:
    metadata = live["metadata"]
    node = _named(key_of(live), group_version(live)[1]) | {"uid": metadata["uid"]}
    owners = [_parent(one, metadata.get("namespace", "")) for one in metadata.get("ownerReferences") or []]
    if owners:
        node["parentRefs"] = owners
    info = _info(live)
    if info:
        node["info"] = info
    if live["kind"] == "Pod":
        node["networkingInfo"] = {"labels": metadata.get("labels") or {}}
        node["images"] = images(live)
    if live["kind"] == "Service" and live["spec"].get("selector"):
        node["networkingInfo"] = {"targetLabels": live["spec"]["selector"]}
    node["resourceVersion"] = metadata["resourceVersion"]
    health = health_of(live)
    if health:
        node["health"] = health
    return node | {"createdAt": metadata["creationTimestamp"]}


def _named(key: Key, version: str) -> Object:
    group = {"group": key.group} if key.group else {}
    return group | {"version": version, "kind": key.kind, "namespace": key.namespace, "name": key.name}


def _parent(reference: Object, namespace: str) -> Object:
    group, version = group_version(reference)
    return _named(Key(group, reference["kind"], namespace, reference["name"]), version) | {"uid": reference["uid"]}


def _info(live: Object) -> list[Object]:
    if live["kind"] == "Pod":
        total = len(live["spec"].get("containers") or [])
        ready = total if is_ready(live) else 0
        crashed = live["status"].get("containerStatuses") or []
        reasons = [one["state"]["waiting"]["reason"] for one in crashed]
        return [
            {"name": "Status Reason", "value": reasons[0] if reasons else live["status"]["phase"]},
            {"name": "Node"},
            {"name": "Containers", "value": f"{ready}/{total}"},
            *({"name": "Restart Count", "value": str(one["restartCount"])} for one in crashed if one["restartCount"]),
            {"name": "cpu", "value": "0"},
            {"name": "memory", "value": "0"},
        ]
    revision = annotations_of(live).get("deployment.kubernetes.io/revision")
    return [{"name": "Revision", "value": f"Rev:{revision}"}] if revision else []
