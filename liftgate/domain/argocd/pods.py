"""Pods in the resource tree of an Argo CD Application: those of the last deployment, and why they do not run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from liftgate.domain.common.value import Value
from liftgate.domain.secrets.error_excerpt import error_excerpt

_UNABLE_TO_START: Final = frozenset(
    ("ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName",
     "CreateContainerConfigError", "CreateContainerError"),
)  # fmt: skip
"""Reasons that no restart fixes. A Job's pod may fail for any other reason: the Job counts, and reports its failure."""
_KILLED: Final = frozenset(("OOMKilled", "InvalidImageName", "ContainerCannotRun"))
_TERMINATING: Final = "Terminating"
_STARTING: Final = "Startup probe"
"""The beginning of the kubelet's event; its reason is the same for all three probes."""

Node = Mapping[str, Any]


class Pod(Value):
    """A pod of its owner's newest revision."""

    name: str
    uid: str
    namespace: str = ""
    created: datetime | None = None
    of_job: bool = False
    """A Job's pods remain after its end, so those of the previous commit's hook are still there."""
    is_ready: bool = False
    failure: str = ""
    """The container's reason and message; empty while no failure is known."""

    @property
    def may_fail_its_probes(self) -> bool:
        """Whether its containers run but are not ready: the tree does not say why."""
        return not (self.is_ready or self.failure)


def read_pods(tree: Mapping[str, Any]) -> tuple[Pod, ...]:
    """Reads `GET …/resource-tree`, without terminating pods and pods of an older revision."""
    seen = _Tree(tree.get("nodes") or ())
    return tuple(
        _pod(node)
        for node in seen.known.values()
        if node.get("kind") == "Pod" and _reason(node) != _TERMINATING and seen.is_newest(node)
    )


def probe_failure(events: Iterable[Mapping[str, Any]]) -> str:
    """The failing probe, from the pod's events; empty if none fails.

    A startup probe may fail for a while: the kubelet counts, and restarts the container at the limit.
    """
    said = [str(event.get("message") or "") for event in events if event.get("reason") == "Unhealthy"]
    return next((error_excerpt(text, 200) for text in reversed(said) if not text.startswith(_STARTING)), "")


def _pod(node: Node) -> Pod:
    reason, of_job = _reason(node), _owner(node).get("kind") == "Job"
    fails = reason in _UNABLE_TO_START if of_job else _is_failure(reason)
    said = error_excerpt(str((node.get("health") or {}).get("message") or ""), 200)
    return Pod(
        name=str(node.get("name", "")),
        uid=str(node.get("uid", "")),
        namespace=str(node.get("namespace", "")),
        created=datetime.fromisoformat(node["createdAt"]) if node.get("createdAt") else None,
        of_job=of_job,
        is_ready=not fails and (of_job or _is_ready(node)),
        failure=(f"{reason} ({said})" if said else reason) if fails else "",
    )


def _is_failure(reason: str) -> bool:
    """Whether Kubernetes' reason is a failure and not part of starting; the rule is that of Argo CD's health."""
    return (
        reason.startswith(("Err", "ExitCode:", "Signal:")) or reason.endswith(("Error", "BackOff")) or reason in _KILLED
    )


def _reason(node: Node) -> str:
    """The reason as kubectl shows it, for an init container `Init:CrashLoopBackOff`."""
    return _info(node, "Status Reason").removeprefix("Init:")


def _is_ready(node: Node) -> bool:
    ready, slash, all_of_them = _info(node, "Containers").partition("/")
    return bool(slash) and ready == all_of_them


def _info(node: Node, name: str) -> str:
    return next((str(one.get("value") or "") for one in node.get("info") or () if one.get("name") == name), "")


def _owner(node: Node) -> Node:
    return next(iter(node.get("parentRefs") or ()), {})


class _Tree:
    def __init__(self, nodes: Iterable[Node]) -> None:
        self.known = {str(node.get("uid")): node for node in nodes}
        self._made: dict[tuple[str, str], list[Node]] = defaultdict(list)
        for node in self.known.values():
            self._made[str(_owner(node).get("uid")), str(node.get("kind"))].append(node)

    def is_newest(self, pod: Node) -> bool:
        """Whether the pod has its owner's newest revision; unknown if the owner shows no revision."""
        owner = _owner(pod)
        if owner.get("kind") in (None, "Job"):
            return True
        if owner.get("kind") == "ReplicaSet":
            above = _owner(self.known.get(str(owner.get("uid")), {}))
            newest = self._newest(above, "ReplicaSet")
            return not above or (newest is not None and newest.get("uid") == owner.get("uid"))
        name = str((self._newest(owner, "ControllerRevision") or {}).get("name") or "")
        labels = (pod.get("networkingInfo") or {}).get("labels") or {}
        carried = str(labels.get("controller-revision-hash") or "")
        return bool(name and carried) and f"-{name}".endswith(f"-{carried}")

    def _newest(self, owner: Node, kind: str) -> Node | None:
        made = self._made[str(owner.get("uid")), kind]
        return max(made, key=lambda node: int(_info(node, "Revision").removeprefix("Rev:") or 0), default=None)
