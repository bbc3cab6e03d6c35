"""Kubernetes objects as a renderer gives them."""

from __future__ import annotations

import json
from typing import Any

from liftgate.domain.common.value import Json
from liftgate.domain.rendered.rendered import Manifests, ObjectChange, compare_rendered


def thing(kind: str, name: str, /, **body: Json) -> dict[str, Any]:
    version = {"Deployment": "apps/v1"}.get(kind, "v1")
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, **body}


def config_map(values: Json, name: str = "config") -> dict[str, Any]:
    return thing("ConfigMap", name, data={"values.json": json.dumps(values)})


def web(image: str = "web:1", **container: Json) -> dict[str, Any]:
    pod = {"containers": [{"name": "web", "image": image} | container]}
    return thing("Deployment", "web", spec={"template": {"spec": pod}})


def changes(now: list[Any], proposed: list[Any]) -> tuple[ObjectChange, ...]:
    return compare_rendered("app", Manifests(objects=tuple(now)), Manifests(objects=tuple(proposed))).changes


def fields(now: list[Any], proposed: list[Any]) -> list[tuple[str, str, str, str]]:
    """Of all objects: kind, pointer, before, after."""
    return [(f.kind, f.pointer, f.before, f.after) for each in changes(now, proposed) for f in each.fields]
