"""What the API server knows, refuses and fills in."""

from __future__ import annotations

import json
from typing import Any

from liftgate_sandbox.argocd.kube import Object, group_version

_KINDS = {
    "": "ConfigMap Secret Service Namespace ServiceAccount Pod PersistentVolumeClaim Endpoints LimitRange "
    "ResourceQuota",
    "apps": "Deployment ReplicaSet StatefulSet DaemonSet",
    "batch": "Job CronJob",
    "networking.k8s.io": "Ingress NetworkPolicy",
    "rbac.authorization.k8s.io": "Role RoleBinding ClusterRole ClusterRoleBinding",
    "policy": "PodDisruptionBudget",
    "autoscaling": "HorizontalPodAutoscaler",
    "argoproj.io": "Application",
}
_GO = {bool: "bool", int: "number", float: "number", dict: "object", list: "array"}
_PATCH_GO = {bool: "bool", int: "int64", float: "float64", dict: "map", list: "slice"}


class Invalid(Exception):
    """The API server refuses the object; `str()` is its text."""


def is_known(group: str, kind: str) -> bool:
    """Whether the cluster has this kind."""
    return kind in _KINDS.get(group, "").split()


def check_types(target: Object, live: Object | None) -> None:
    """What a dry run already finds: values of the wrong type in a ConfigMap."""
    if target["kind"] != "ConfigMap":
        return
    for value in (target.get("data") or {}).values():
        if isinstance(value, str):
            continue
        if live is None:
            field = "Go struct field ConfigMap.data of type string"
            wrong = f"json: cannot unmarshal {_GO[type(value)]} into {field}"
            raise Invalid(f'ConfigMap in version "v1" cannot be handled as a ConfigMap: {wrong}')
        number = len(target["metadata"]["name"]) + 115424700
        patched = f'error when patching "/dev/shm/{number}"'
        problem = f"cannot convert {_PATCH_GO[type(value)]} to string"
        raise Invalid(f'{patched}:  "" is invalid: patch: Invalid value: "": {problem}')


def check_rules(target: Object, live: Object | None) -> None:
    """What only the real apply finds: a selector that does not fit, or changed after the fact."""
    group, _ = group_version(target)
    if target["kind"] not in ("Deployment", "StatefulSet", "DaemonSet") or group != "apps":
        return
    name = f'{target["kind"]}.apps "{target["metadata"]["name"]}" is invalid'
    selector = target["spec"].get("selector") or {}
    labels = target["spec"].get("template", {}).get("metadata", {}).get("labels") or {}
    wanted = selector.get("matchLabels") or {}
    if not wanted.items() <= labels.items():
        raise Invalid(
            f"{name}: spec.template.metadata.labels: Invalid value: {_go(labels)}: "
            "`selector` does not match template `labels`"
        )
    if live is not None and live["spec"].get("selector") != selector:
        raise Invalid(f"{name}: spec.selector: Invalid value: {_go(selector)}: field is immutable")


def _go(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def with_defaults(obj: Object) -> Object:
    """The object with the fields that the API server fills in, as far as somebody may look at them."""
    if obj["kind"] == "Deployment":
        spec = obj["spec"]
        defaults = {"replicas": 1, "progressDeadlineSeconds": 600, "revisionHistoryLimit": 10}
        for field, value in defaults.items():
            spec.setdefault(field, value)
        rolling = {"maxSurge": "25%", "maxUnavailable": "25%"}
        spec.setdefault("strategy", {"rollingUpdate": rolling, "type": "RollingUpdate"})
        _default_pod(spec.setdefault("template", {}).setdefault("spec", {}))
    if obj["kind"] == "Job":
        obj["spec"].setdefault("backoffLimit", 6)
    if obj["kind"] == "Namespace":
        obj.setdefault("status", {"phase": "Active"})
    return obj


def _default_pod(spec: Object) -> None:
    defaults: Object = {"dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "securityContext": {}}
    for field, value in defaults.items():
        spec.setdefault(field, value)
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    for container in spec.get("containers") or []:
        container.setdefault("imagePullPolicy", "IfNotPresent")
        container.setdefault("resources", {})
        container.setdefault("terminationMessagePath", "/dev/termination-log")
        container.setdefault("terminationMessagePolicy", "File")
    for volume in spec.get("volumes") or []:
        if "configMap" in volume:
            volume["configMap"].setdefault("defaultMode", 420)
