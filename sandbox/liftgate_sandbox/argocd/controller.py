"""The application controller: steps that can be taken by hand, and a thread that takes them."""

from __future__ import annotations

from threading import Thread
from time import monotonic, sleep

from liftgate_sandbox.argocd.cluster.cluster import Cluster
from liftgate_sandbox.argocd.cluster.pods import Program
from liftgate_sandbox.argocd.deletions import Deletions
from liftgate_sandbox.argocd.faults import Faults
from liftgate_sandbox.argocd.kube import Object, tracked_by
from liftgate_sandbox.argocd.operations import Operations
from liftgate_sandbox.argocd.refreshes import FRESH, LIVE, NEVER, Refreshes
from liftgate_sandbox.argocd.repository import Repository
from liftgate_sandbox.argocd.sets.controller import Sets
from liftgate_sandbox.argocd.sources import Opener, Sources
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings

_SAVE_EVERY = 0.5
_SAVE_FACTOR = 20.0
"""How many times longer than a save it must be to the next one."""
_LONG = 0.005
"""Seconds; after a longer step there is a pause of the same time, because with many applications each change calls for
one."""


class Controller:
    """Everything that happens by itself: the cluster's controllers, refreshes and operations."""

    def __init__(
        self, state: State, timings: Timings, faults: Faults, program: Program, open_repository: Opener = Repository
    ) -> None:
        self.state, self.timings, self.faults = state, timings, faults
        self.sources = Sources(state, faults, open_repository)
        self.cluster = Cluster(state, timings, program, self._changed)
        self.refreshes = Refreshes(state, self.sources, self.cluster, timings, faults)
        self.operations = Operations(state, self.sources, self.cluster, self.refreshes, timings)
        self.operations.faults = faults
        self.sets = Sets(state, self.sources, timings)
        self._deletions = Deletions(state, self.cluster.objects, timings)
        state.hearers.append(self._heard)
        self._thread: Thread | None = None
        self._stopping = False
        self._saved_at, self._save_every = NEVER, _SAVE_EVERY

    def step(self) -> float:
        """Do everything that is due now; the time, by the clock, at which something will be due next."""
        with self.state.lock:
            due = [self.cluster.tick()]
        if not self.faults.find("controller-down"):
            due.append(self.sets.tick())
        with self.state.lock:
            names = list(self.state.applications)
        for name in names:
            if not self.faults.find("controller-down", name):
                due += [self._deletions.tick(name), self.refreshes.tick(name), self.operations.tick(name)]
        return min(due)

    def start(self) -> None:
        """Step in a thread of this process until `stop`."""
        self._stopping = False
        self._thread = Thread(target=self._run, name="argocd controller", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and save the state."""
        self._stopping = True
        self.state.wake.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.state.save()

    def _run(self) -> None:
        while not self._stopping:
            self.state.wake.clear()
            began = monotonic()
            due = self.step()
            took = monotonic() - began
            self._save()
            self.state.wake.wait(min(max(due - self.state.clock(), 0.0), _SAVE_EVERY))
            if took > _LONG:
                sleep(took)

    def _save(self) -> None:
        now = self.state.clock()
        if not 0 <= now - self._saved_at < self._save_every:
            began = monotonic()
            self.state.save()
            self._saved_at, self._save_every = now, max(_SAVE_EVERY, _SAVE_FACTOR * (monotonic() - began))

    def _heard(self, before: Object | None, after: Object | None) -> None:
        app = after or before or {}
        if after is None:
            self.refreshes.forget(app["metadata"]["name"])
        elif before is None or before["spec"] != after["spec"]:
            self.refreshes.request(app["metadata"]["name"], FRESH)
        if tracked_by(app):
            self._changed(tracked_by(app))

    def _changed(self, application: str) -> None:
        if application in self.state.applications:
            self.refreshes.request(application, LIVE, self.timings.watch)
