"""The end of a deleted application: its resources go first, then itself."""

from __future__ import annotations

from liftgate_sandbox.argocd.applications import is_going
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.kube import Object, key_of, tracked_by
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings

_NEVER = float("inf")


class Deletions:
    """What is under way stands in `state.work[name]["deletion"]`."""

    def __init__(self, state: State, objects: Objects, timings: Timings) -> None:
        self._state, self._objects, self._timings = state, objects, timings

    def tick(self, name: str) -> float:
        """Move the deletion of one application on; when to look again."""
        with self._state.lock:
            app = self._state.applications.get(name)
            if app is None or not is_going(app):
                return _NEVER
            now = self._state.clock()
            work = self._state.work.setdefault(name, {}).setdefault("deletion", {"due": now + self._timings.deletion})
            if now >= work["due"]:
                self._go_on(name)
                work["due"] = now + self._timings.deletion
            return float(work["due"])

    def _go_on(self, name: str) -> None:
        left = [obj for obj in self._objects.all() if _belongs(obj, name)]
        for obj in left:
            self._objects.delete(key_of(obj))
        if not left:
            self._state.drop_application(name)


def _belongs(obj: Object, name: str) -> bool:
    return tracked_by(obj) == name and not obj["metadata"].get("ownerReferences")
