"""The refresh queue: compare, decide on auto-sync, write the status, take the annotation away."""

from __future__ import annotations

from dataclasses import dataclass

from liftgate_sandbox.argocd.autosync import decide
from liftgate_sandbox.argocd.cluster.cluster import Cluster
from liftgate_sandbox.argocd.compare import Comparison, compare
from liftgate_sandbox.argocd.faults import Faults
from liftgate_sandbox.argocd.kube import REFRESH, Object, annotations_of, seconds_of, stamp
from liftgate_sandbox.argocd.sources import Sources, Targets
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.status import comparison_conditions, write_status
from liftgate_sandbox.argocd.timings import Timings

LIVE, CACHED, FRESH = 1, 2, 3
"""How deep a refresh looks: the cluster only, Git as it was seen lately, Git as it is."""

NEVER = float("inf")
_LATE = 2.0
"""Seconds after a sync in which Argo CD's view of the cluster may still be that of before."""


@dataclass
class Running:
    """One refresh under way: `annotation` is what asked for it, `found` is set once it was decided on."""

    level: int
    started: float
    due: float
    annotation: str
    targets: Targets
    found: Comparison | None = None
    conditions: Object | None = None


class Refreshes:
    """At most one refresh for each application at a time; what is asked for meanwhile comes after it."""

    def __init__(self, state: State, sources: Sources, cluster: Cluster, timings: Timings, faults: Faults) -> None:
        self._state, self._sources, self._cluster, self._timings = state, sources, cluster, timings
        self._faults = faults
        self._wanted: dict[str, dict[int, float]] = {}
        self._running: dict[str, Running] = {}
        self._looked: dict[str, tuple[float, Targets]] = {}
        self._ended: set[str] = set()
        self.found: dict[str, Comparison] = {}
        self._before: dict[str, Comparison] = {}
        """What the last comparison before an operation found."""

    def request(self, name: str, level: int, after: float = 0.0) -> None:
        """Ask for a refresh some seconds from now; an earlier request of the same level stays."""
        wanted = self._wanted.setdefault(name, {})
        wanted[level] = min(wanted.get(level, NEVER), self._state.clock() + after)
        self._state.wake.set()

    def operation_begins(self, name: str) -> None:
        """Keep what was found before it: the cluster is looked at while the operation changes it, too."""
        if name in self.found:
            self._before[name] = self.found[name]

    def request_after_operation(self, name: str, level: int) -> None:
        """The comparison that the end of an operation calls for, which takes longer than others."""
        self._ended.add(name)
        self.request(name, level)

    def forget(self, name: str) -> None:
        """The application is gone."""
        self._ended.discard(name)
        for memory in (self._wanted, self._running, self._looked, self.found, self._before):
            memory.pop(name, None)

    def tick(self, name: str) -> float:
        """Move the refresh of one application on; when to look again."""
        running = self._running.get(name)
        if running is None:
            return self._begin(name)
        if self._state.clock() < running.due:
            return running.due
        with self._state.lock:
            if name not in self._state.applications:
                self.forget(name)
            elif running.found is None:
                self._decide(name, running)
            else:
                self._persist(name, running)
        return self._state.clock()

    def _begin(self, name: str) -> float:
        now = self._state.clock()
        with self._state.lock:
            if name not in self._state.applications:
                return NEVER
            app = self._state.applications[name]
            asked = annotations_of(app).get(REFRESH, "")
            if asked == self._state.work.get(name, {}).get("stuck"):
                asked = ""
            level = FRESH if asked else self._due_level(name, now)
            if not level:
                return self._next_due(name)
            app = self._state.application(name)
            self._wanted[name] = {one: at for one, at in self._wanted.get(name, {}).items() if at > now}
        targets = self._targets(app, level, hard=asked == "hard")
        takes = self._takes(app, level, targets)
        self._running[name] = Running(level, now, now + takes, asked, targets)
        return now + takes

    def _takes(self, app: Object, level: int, targets: Targets) -> float:
        """Seconds that a comparison of this level lasts now."""
        name = app["metadata"]["name"]
        if level == LIVE:
            return self._timings.live
        if name in self._ended:
            self._ended.remove(name)
            return self._timings.settled
        known = (app["status"].get("sync") or {}).get("revision", "") in targets.revisions
        return self._timings.unchanged if known else self._timings.refresh

    def _targets(self, app: Object, level: int, *, hard: bool) -> Targets:
        name = app["metadata"]["name"]
        if level == LIVE and name in self._looked:
            return self._looked[name][1]
        if hard:
            self._sources.forget()
        max_age = 0.0 if level == FRESH else self._timings.poll
        targets = self._sources.targets(app, [], max_age)
        self._looked[name] = (self._state.clock(), targets)
        return targets

    def _due_level(self, name: str, now: float) -> int:
        wanted = [level for level, at in self._wanted.get(name, {}).items() if at <= now]
        if name not in self._looked:
            return FRESH
        polls = now - self._looked[name][0] >= self._timings.poll
        return max([*wanted, CACHED if polls else 0])

    def _next_due(self, name: str) -> float:
        return min([self._looked[name][0] + self._timings.poll, *self._wanted.get(name, {}).values()])

    def _decide(self, name: str, running: Running) -> None:
        app, now = self._state.application(name), self._state.clock()
        running.found = self._late(name, app, running) or compare(app, running.targets, self._cluster.objects)
        running.conditions = comparison_conditions(running.found)
        project = self._state.projects.get(app["spec"]["project"]) or {"spec": {}}
        decision = decide(app, project, running.found, now)
        if decision.error:
            running.conditions["SyncError"] = decision.error
        if decision.again_in:
            self.request(name, LIVE, decision.again_in)
        if decision.operation:
            app["operation"] = decision.operation
            app["status"].pop("operationState", None)
            self._state.put_application(app)
            revision = ", ".join(running.targets.revisions)
            self._state.add_event(app, "OperationStarted", f"Initiated automated sync to '{revision}'")
            running.due = now + self._timings.patch

    def _late(self, name: str, app: Object, running: Running) -> Comparison | None:
        """The comparison of before a sync once more: Argo CD's view of the cluster is late (fault `late-cache`)."""
        before, last = self._before.get(name), app["status"].get("operationState") or {}
        full = last.get("phase") == "Succeeded" and not last["operation"]["sync"].get("resources")
        just_now = full and self._state.clock() - seconds_of(last["finishedAt"]) < _LATE
        if not just_now or before is None or before.targets.revisions != running.targets.revisions:
            return None
        if before.status != "OutOfSync" or not self._faults.take("late-cache", name):
            return None
        self.request(name, LIVE, self._timings.watch)
        return before

    def _persist(self, name: str, running: Running) -> None:
        found = running.found
        if found is None:
            return
        del self._running[name]
        self.found[name] = found
        app = self._state.application(name)
        if running.annotation:
            # Whatever asked again meanwhile is answered by this older look: Argo CD up to 3.5.1 does so.
            annotations_of(app).pop(REFRESH, None)
            self._state.work.get(name, {}).pop("stuck", None)
        before = app["status"].get("reconciledAt")
        reconciled = before if before and running.level == LIVE else stamp(running.started)
        write_status(self._state, app, found, running.conditions or {}, reconciled)
        work = self._state.work.get(name, {}).get("operation")
        if work and work.get("blocked"):
            work["blocked"] = False
