"""The operation queue: from `operation` in an application to the final phase of its `operationState`."""

from __future__ import annotations

from liftgate_sandbox.argocd.cluster.cluster import Cluster
from liftgate_sandbox.argocd.compare import compare
from liftgate_sandbox.argocd.faults import Faults
from liftgate_sandbox.argocd.finishing import finish, next_retry, wanted_revisions
from liftgate_sandbox.argocd.kube import Object, copied, stamp
from liftgate_sandbox.argocd.refreshes import CACHED, FRESH, LIVE, Refreshes
from liftgate_sandbox.argocd.sources import Sources, Targets
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.status import multi_source
from liftgate_sandbox.argocd.syncing import SyncPass, terminated
from liftgate_sandbox.argocd.timings import Timings
from liftgate_sandbox.argocd.windows import assigned, can_sync

NEVER = float("inf")
BLOCKED = "Sync operation blocked by sync window"
_BEFORE_APPLY = 0.8
"""The share of an operation's time that is over before anything is applied."""


class Operations:
    """What is under way stands in `state.work[name]["operation"]`, so that a restart goes on with it."""

    def __init__(
        self, state: State, sources: Sources, cluster: Cluster, refreshes: Refreshes, timings: Timings
    ) -> None:
        self._state, self._sources, self._cluster = state, sources, cluster
        self._refreshes, self._timings = refreshes, timings
        self.faults = Faults()

    def tick(self, name: str) -> float:
        """Move the operation of one application on; when to look again."""
        now = self._state.clock()
        with self._state.lock:
            if "operation" not in self._state.applications.get(name, {}):
                self._state.work.get(name, {}).pop("operation", None)
                return NEVER
            app = self._state.application(name)
            work = self._work(name, now)
            state = app["status"].get("operationState")
            if state and state["phase"] == "Terminating" and not work.get("terminating"):
                work |= {"terminating": True, "due": now + self._timings.terminate, "blocked": False}
            if work.get("blocked"):
                return NEVER
            if now < work["due"]:
                return float(work["due"])
            if not _is_ready_to_pass(state, work):
                self._go_on(app, state, work, now)
                return now
        self._pass(app, state, work)
        return self._state.clock()

    def _work(self, name: str, now: float) -> Object:
        work: Object = self._state.work.setdefault(name, {})
        return dict.setdefault(work, "operation", {"due": now + self._timings.pickup})

    def _go_on(self, app: Object, state: Object | None, work: Object, now: float) -> None:
        if state is None:
            self._pick_up(app, work, now)
        elif state["phase"] == "Terminating":
            self._terminate(app, work)
        elif "next" in work:
            self._commit(app, work.pop("next"), work)
        else:
            self._retry(app, state, work, now)

    def _pick_up(self, app: Object, work: Object, now: float) -> None:
        self._refreshes.operation_begins(app["metadata"]["name"])
        operation = copied(app["operation"])
        app["status"]["operationState"] = {
            "operation": operation,
            "phase": "Running",
            "startedAt": stamp(now),
        }
        self._state.put_application(app)
        work["due"] = now + self._timings.sync * _BEFORE_APPLY

    def _pass(self, app: Object, state: Object | None, work: Object) -> None:
        # Not under the lock: git may take its time, and only this thread moves operations on.
        targets = self._sources.targets(app | _spec_of(app), wanted_revisions(app["operation"]))
        with self._state.lock:
            state = copied(state or {})
            revisions = targets.revisions if not targets.error else wanted_revisions(app["operation"])
            result = state.setdefault("syncResult", _result(app, revisions))
            more = False
            if targets.error:
                state |= {"phase": "Error", "message": f"ComparisonError: {targets.error}"}
            elif self._is_blocked(app):
                state["message"] = BLOCKED
            else:
                more = self._sync(app, state, result, targets)
            takes = self._timings.sync * (1 - _BEFORE_APPLY) + (self._timings.wave if more else 0)
            work |= {"next": state, "due": self._state.clock() + takes}

    def _sync(self, app: Object, state: Object, result: Object, targets: Targets) -> bool:
        fault = self.faults.take("sync-fails", app["metadata"]["name"])
        if fault:
            reason = fault.get("message", "the API server refused it")
            text = f"one or more synchronization tasks completed unsuccessfully, reason: {reason}"
            state |= {"phase": "Failed", "message": text}
            return False
        found = compare(app, targets, self._cluster.objects)
        one = SyncPass(found, app["operation"], result.get("resources", []), self._cluster.objects)
        outcome = one.run()
        state |= {"phase": outcome.phase, "message": outcome.message}
        if outcome.results:
            result["resources"] = outcome.results
        return outcome.more

    def _is_blocked(self, app: Object) -> bool:
        project = self._state.projects.get(app["spec"]["project"]) or {"spec": {}}
        manual = not app["operation"].get("initiatedBy", {}).get("automated")
        return not can_sync(assigned(project, app), self._state.clock(), manual=manual)

    def _commit(self, app: Object, state: Object, work: Object) -> None:
        if state["phase"] != "Running":
            self._end(app, state, work)
            return
        app["status"]["operationState"] = state
        work["blocked"] = state.get("message") == BLOCKED
        work["due"] = self._state.clock() + self._timings.live
        self._put_if_changed(app)

    def _put_if_changed(self, app: Object) -> None:
        if app != self._state.applications[app["metadata"]["name"]]:
            self._state.put_application(app)

    def _end(self, app: Object, state: Object, work: Object) -> None:
        now = self._state.clock()
        due = next_retry(state, now)
        if due is not None:
            app["status"]["operationState"] = state
            work["due"] = due
            self._state.put_application(app)
            return
        finish(self._state, app, state)
        name = app["metadata"]["name"]
        automated = app["status"]["operationState"]["operation"].get("initiatedBy", {}).get("automated")
        self._state.work.get(name, {}).pop("operation", None)
        self._refreshes.request_after_operation(name, CACHED if automated else FRESH)

    def _retry(self, app: Object, state: Object, work: Object, now: float) -> None:
        del state["finishedAt"]
        state.pop("syncResult", None)
        state["message"] = f"Retrying operation. Attempt #{state['retryCount']}"
        work["due"] = now + self._timings.sync * _BEFORE_APPLY
        self._state.put_application(app)

    def _terminate(self, app: Object, work: Object) -> None:
        if self._is_blocked(app):
            work["blocked"] = True
            return
        state = work.pop("next", None) or app["status"]["operationState"]
        lines = terminated(state.get("syncResult", {}).get("resources", []), self._cluster.stop_job)
        if lines:
            state["syncResult"]["resources"] = lines
        state.setdefault("syncResult", _result(app, wanted_revisions(app["operation"])))
        retried = f" (retried {state['retryCount']} times)." if state.get("retryCount") else ""
        state |= {"phase": "Failed", "message": f"Operation terminated{retried}"}
        finish(self._state, app, state)
        self._state.work.get(app["metadata"]["name"], {}).pop("operation", None)
        self._refreshes.request(app["metadata"]["name"], LIVE, self._timings.watch)


def _is_ready_to_pass(state: Object | None, work: Object) -> bool:
    return state is not None and state["phase"] == "Running" and "finishedAt" not in state and "next" not in work


def _spec_of(app: Object) -> Object:
    """The application with the sources that its operation names: those of a rollback may be older."""
    sync = app["operation"]["sync"]
    chosen = {name: sync[name] for name in ("source", "sources") if name in sync}
    return {"spec": app["spec"] | chosen}


def _result(app: Object, revisions: list[str]) -> Object:
    sync = app["operation"]["sync"]
    if multi_source(sync):
        several = {"sources": sync["sources"], "revisions": revisions}
        return {"revision": "", "source": {"repoURL": ""}} | several
    return {"revision": (revisions or [""])[0], "source": sync.get("source") or app["spec"]["source"]}
