"""What one operation has to do: its tasks, in the order of phases, waves and kinds."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate_sandbox.argocd.cluster.health import health_of
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.compare import Comparison
from liftgate_sandbox.argocd.kube import (
    HOOK,
    SYNC_OPTIONS,
    WAVE,
    Key,
    Object,
    annotations_of,
    group_version,
    has_option,
    images,
    key_of,
)

PHASES = ["PreSync", "Sync", "PostSync"]
PRUNE_LAST = "PruneLast=true"
_KINDS = ["Namespace", "ServiceAccount", "Secret", "ConfigMap", "PersistentVolumeClaim", "Role", "Service"]


@dataclass
class Task:
    """One object to apply (`target`) or to prune (no target), and its result line once it has begun."""

    phase: str
    wave: int
    key: Key
    target: Object | None
    hook: str = ""
    result: Object | None = None

    @property
    def label(self) -> str:
        """`group/Kind/name`, as messages name it."""
        return f"{self.key.group}/{self.key.kind}/{self.key.name}"

    @property
    def running(self) -> bool:
        """Begun and not known to be over."""
        return self.result is not None and self.result.get("hookPhase") == "Running"

    @property
    def makes_namespace(self) -> bool:
        """CreateNamespace: nobody looks at what becomes of it, so its line says Running for ever."""
        return self.phase == "PreSync" and not self.hook

    def report(self, live: Object | None, **fields: str) -> None:
        """Write the task's line: status, message, hookPhase."""
        shown = self.target or live or {}
        base: Object = {"group": self.key.group, "version": group_version(shown)[1], "kind": self.key.kind}
        base |= {"namespace": self.key.namespace, "name": self.key.name}
        self.result = base | (self.result or {}) | fields | {"syncPhase": self.phase}
        if self.hook:
            self.result["hookType"] = self.hook
        if self.target and images(self.target):
            self.result["images"] = images(self.target)


def tasks_of(found: Comparison, operation: Object, results: list[Object], objects: Objects) -> list[Task]:
    """All tasks of an operation, with the results that they have so far."""
    sync = operation["sync"]
    tasks = [_apply(key, target) for key, target in found.targets.objects.items()]
    after_all = max([0, *(task.wave for task in tasks)]) + 1
    for key, obj in found.live.items():
        if _is_extra(key, obj, found):
            last = PRUNE_LAST in (sync.get("syncOptions") or []) or has_option(obj, SYNC_OPTIONS, PRUNE_LAST)
            tasks.append(Task("Sync", after_all if last else _wave_of(obj), key, None))
    if sync.get("resources"):
        tasks = [task for task in tasks if any(_names(one, task.key) for one in sync["resources"])]
    elif "apply" not in (sync.get("syncStrategy") or {}):
        tasks += [task for hook in found.targets.hooks for task in _hook(hook)]
    if "CreateNamespace=true" in (sync.get("syncOptions") or []):
        tasks += _namespace(found, objects, {one["name"] for one in results if one["kind"] == "Namespace"})
    lines = {(one["syncPhase"], one["group"], one["kind"], one["name"]): one for one in results}
    for task in tasks:
        line = lines.get((task.phase, task.key.group, task.key.kind, task.key.name))
        task.result = dict(line) if line else None
    return sorted(tasks, key=_order)


def _order(task: Task) -> tuple[int, int, bool, int, str]:
    kind = _KINDS.index(task.key.kind) if task.key.kind in _KINDS else len(_KINDS)
    return PHASES.index(task.phase), task.wave, task.target is not None, kind, task.key.name


def _apply(key: Key, target: Object) -> Task:
    return Task("Sync", _wave_of(target), key, target)


def _wave_of(obj: Object) -> int:
    return int(annotations_of(obj).get(WAVE, 0))


def _hook(target: Object) -> list[Task]:
    types = [part.strip() for part in annotations_of(target)[HOOK].split(",")]
    wave = _wave_of(target)
    return [Task(one, wave, key_of(target), target, hook=one) for one in types if one in PHASES]


def _namespace(found: Comparison, objects: Objects, made: set[str]) -> list[Task]:
    """Only of what is not there yet, or was made by this operation."""
    names = {key.namespace for key in found.targets.objects if key.namespace}
    wanted = {key for key in found.targets.objects if key.kind == "Namespace"}
    return [
        Task("PreSync", 0, key, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": key.name}})
        for key in (Key("", "Namespace", "", name) for name in sorted(names))
        if key not in wanted and (key.name in made or objects.get(key) is None)
    ]


def _is_extra(key: Key, obj: Object, found: Comparison) -> bool:
    return key not in found.targets.objects and HOOK not in annotations_of(obj)


def _names(reference: Object, key: Key) -> bool:
    same = (reference.get("group", ""), reference["kind"], reference["name"]) == (
        key.group,
        key.kind,
        key.name,
    )
    return same and reference.get("namespace", key.namespace) in ("", key.namespace)


def settle(task: Task, live: Object | None) -> None:
    """Look at what a running task has come to, and write it into its line."""
    health = health_of(live) if live else None
    if live is None and task.target is not None:
        task.report(live, hookPhase="Failed", message="object was deleted")
    elif health is None or health["status"] == "Healthy":
        done = {"message": health["message"]} if task.hook and health and "message" in health else {}
        task.report(live, hookPhase="Succeeded", **done)
    elif health["status"] == "Degraded":
        task.report(live, hookPhase="Failed", message=health.get("message", ""))
