"""One pass of a sync: settle what runs, apply the next wave, and say how the operation stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from liftgate_sandbox.argocd.cluster.admission import Invalid, is_known
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.compare import Comparison
from liftgate_sandbox.argocd.kube import SYNC_OPTIONS, Key, Object, group_version, has_option
from liftgate_sandbox.argocd.tasks import Task, settle, tasks_of

_UNSUCCESSFUL = "one or more synchronization tasks completed unsuccessfully"


class Outcome(NamedTuple):
    """The phase and message after a pass; `more` when a later wave or phase is still to come."""

    phase: str
    message: str
    results: list[Object]
    more: bool = False


class SyncPass:
    """Works on the tasks of one operation; the lines of earlier passes come in as `results`."""

    def __init__(self, found: Comparison, operation: Object, results: list[Object], objects: Objects) -> None:
        self._objects, self._operation, self._started = objects, operation, bool(results)
        self._tasks = tasks_of(found, operation, results, objects)

    def run(self) -> Outcome:
        """Do what can be done now."""
        if not self._started:
            refused = self._dry_run()
            if refused:
                return refused
        waiting = self._settle()
        if waiting:
            return waiting
        pending = [task for task in self._tasks if task.result is None]
        if not pending:
            return self._outcome("Succeeded", "successfully synced (no more tasks)")
        return self._wave(pending)

    def _outcome(self, phase: str, message: str, *, more: bool = False) -> Outcome:
        return Outcome(phase, message, [task.result for task in self._tasks if task.result], more)

    def _dry_run(self) -> Outcome | None:
        unknown = [task for task in self._tasks if not is_known(task.key.group, task.key.kind)]
        if unknown:
            return self._unknown_kinds(unknown)
        only = bool(self._operation["sync"].get("dryRun"))
        reasons = [reason for task in self._tasks if not task.hook for reason in self._try(task, show=only)]
        if reasons:
            return self._outcome("Failed", f"one or more objects failed to apply, reason: {','.join(reasons)}")
        return self._outcome("Succeeded", "successfully synced (no more tasks)") if only else None

    def _unknown_kinds(self, unknown: list[Task]) -> Outcome:
        for task in unknown:
            key = task.key
            wanted = f"{key.group}/{key.kind} for requested resource {key.namespace}/{key.name}"
            text = f"The Kubernetes API could not find {wanted}."
            hint = f'Make sure the "{task.key.kind}" CRD is installed on the destination cluster.'
            task.report(None, status="SyncFailed", message=f"{text} {hint}")
        group, version = group_version(unknown[0].target or {})
        found = f"failed to discover server resources for group version {group}/{version}"
        reason = f"{found}: the server could not find the requested resource"
        return self._outcome("Failed", f"one or more synchronization tasks are not valid: {reason}")

    def _try(self, task: Task, *, show: bool) -> list[str]:
        live = self._objects.get(task.key)
        if task.target is None:
            if show:
                status = "Pruned" if self._operation["sync"].get("prune") else "PruneSkipped"
                message = "pruned (dry run)" if status == "Pruned" else "ignored (requires pruning)"
                task.report(live, status=status, message=message, hookPhase="Succeeded")
            return []
        try:
            verb = self._objects.apply(task.target, dry_run=True)
        except Invalid as error:
            task.report(live, status="SyncFailed", message=str(error), hookPhase="Failed")
            return [str(error)]
        if show:
            message = f"{_resource(task)} {verb} (dry run)"
            task.report(live, status="Synced", message=message, hookPhase="Succeeded")
        return []

    def _settle(self) -> Outcome | None:
        if not self._is_multi_step():
            return None
        running = [task for task in self._tasks if task.running and not task.makes_namespace]
        for task in running:
            settle(task, self._objects.get(task.key))
        if any(task.result and task.result.get("hookPhase") == "Failed" for task in self._tasks):
            return self._outcome("Failed", _UNSUCCESSFUL)
        return self._waiting([task for task in running if task.running])

    def _waiting(self, running: list[Task], *, more: bool = False) -> Outcome | None:
        if not running:
            return None
        hooks = [task for task in running if task.hook]
        first = (hooks or running)[0]
        what = "completion of hook" if hooks else "healthy state of"
        others = len(hooks or running) - 1
        also = f" and {others} more {'hooks' if hooks else 'resources'}" if others else ""
        return self._outcome("Running", f"waiting for {what} {first.label}{also}", more=more)

    def _is_multi_step(self) -> bool:
        steps = {(task.phase, task.wave) for task in self._tasks if not task.makes_namespace}
        return len(steps) > 1 or any(task.hook for task in self._tasks)

    def _wave(self, pending: list[Task]) -> Outcome:
        step = (pending[0].phase, pending[0].wave)
        wave = [task for task in pending if (task.phase, task.wave) == step]
        more = len(wave) < len(pending)
        old = [task for task in wave if task.hook and self._objects.delete(task.key)]
        if old:
            return self._outcome("Running", f"waiting for deletion of hook {old[0].label}", more=more)
        reasons = [reason for task in wave for reason in self._apply(task)]
        if reasons:
            for task in wave:
                if task.running:
                    settle(task, self._objects.get(task.key))
            return self._outcome("Failed", f"{_UNSUCCESSFUL}, reason: {','.join(reasons)}")
        if more or any(task.hook for task in wave):
            slow = more and not wave[0].makes_namespace
            waiting = self._waiting([task for task in wave if task.running], more=slow)
            return waiting or self._outcome("Running", "one or more tasks are running", more=more)
        return self._outcome("Succeeded", "successfully synced (all tasks run)")

    def _apply(self, task: Task) -> list[str]:
        live = self._objects.get(task.key)
        if task.target is None:
            self._prune(task)
            return []
        try:
            verb = self._objects.apply(task.target)
        except Invalid as error:
            task.report(live, status="SyncFailed", message=str(error), hookPhase="Failed")
            return [str(error)]
        task.report(live, status="Synced", message=f"{_resource(task)} {verb}", hookPhase="Running")
        return []

    def _prune(self, task: Task) -> None:
        live = self._objects.get(task.key)
        if not self._operation["sync"].get("prune"):
            status, message = "PruneSkipped", "ignored (requires pruning)"
        elif live and has_option(live, SYNC_OPTIONS, "Prune=false"):
            status, message = "PruneSkipped", "ignored (no prune)"
        else:
            status, message = "Pruned", "pruned"
            self._objects.delete(task.key)
        task.report(live, status=status, message=message, hookPhase="Succeeded")


def _resource(task: Task) -> str:
    kind = task.key.kind.lower()
    return f"{kind}.{task.key.group}/{task.key.name}" if task.key.group else f"{kind}/{task.key.name}"


def terminated(results: list[Object], stop: Callable[[Key], None]) -> list[Object]:
    """The lines of an operation that was told to stop: its running hooks failed, and `stop` deletes them."""
    return [_terminated(line, stop) for line in results]


def _terminated(line: Object, stop: Callable[[Key], None]) -> Object:
    if not line.get("hookType") or line.get("hookPhase") != "Running":
        return line
    stop(Key(line["group"], line["kind"], line["namespace"], line["name"]))
    return line | {"hookPhase": "Failed", "message": "Terminated"}
