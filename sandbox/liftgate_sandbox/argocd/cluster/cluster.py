"""The cluster as a whole: its objects and the controllers that move them on."""

from __future__ import annotations

from collections.abc import Callable

from liftgate_sandbox.argocd.cluster.deployments import Deployments
from liftgate_sandbox.argocd.cluster.jobs import Jobs
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.cluster.pods import NEVER, Pods, Program, is_ready
from liftgate_sandbox.argocd.kube import Key, Object, tracked_by
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings


class Cluster:
    """`on_change` hears the name of each application whose objects changed, or those of its pods."""

    def __init__(self, state: State, timings: Timings, program: Program, on_change: Callable[[str], None]) -> None:
        self._state, self._on_change = state, on_change
        self.objects = Objects(state, self._changed)
        self._pods = Pods(state, self.objects, timings, program)
        self._deployments = Deployments(state, self.objects, self._pods)
        self._jobs = Jobs(state, self.objects, self._pods, timings)
        self._quiet: dict[str, float] = {}
        """When to look again at Deployments and pods, by uid, unless something of them changes before."""
        self._touched: set[str] = set()

    def tick(self) -> float:
        """Move everything on that is due; when to look again, in the clock's seconds."""
        due = [self._jobs.tick(job) for job in self.objects.all("Job")]
        due += [self._looked_at(one, self._deployments.tick) for one in self.objects.all("Deployment")]
        due += [self._looked_at(pod, self._pods.tick) for pod in self.objects.all("Pod") if not _is_over(pod)]
        return min(due, default=NEVER)

    def _looked_at(self, one: Object, tick: Callable[[Object], float]) -> float:
        """When to look again. What changed itself meanwhile is looked at the next time too."""
        uid = one["metadata"]["uid"]
        if (quiet := self._quiet.get(uid, 0.0)) > self._state.clock():
            return quiet
        self._touched.discard(uid)
        due = tick(one)
        if uid not in self._touched and due == NEVER:
            self._quiet[uid] = due
        return due

    def stop_job(self, key: Key) -> None:
        """Delete a Job as a person would: it ends first."""
        self._jobs.stop(key)

    def serving(self, namespace: str) -> Object | None:
        """What the newest ready pod of the namespace runs with: `files`, `problem` and log `lines`."""
        with self._state.lock:
            ready = [pod for pod in self.objects.all("Pod", namespace) if is_ready(pod)]
            inside = [self._state.pods[pod["metadata"]["uid"]] for pod in ready]
            staying = [one for one in inside if "gone_at" not in one] or inside
            return dict(max(staying, key=lambda one: one["born"])) if staying else None

    def lines(self, namespace: str, pod_name: str = "") -> list[tuple[float, str, str]]:
        """The log lines of a namespace, or of one of its pods, by time: (epoch seconds, pod, text)."""
        with self._state.lock:
            found = []
            for pod in self.objects.all("Pod", namespace):
                name, inside = pod["metadata"]["name"], self._state.pods.get(pod["metadata"]["uid"], {})
                if pod_name in ("", name):
                    found += [(at, name, text) for at, text in inside.get("lines", [])]
            return sorted(found)

    def _changed(self, obj: Object) -> None:
        if obj["kind"] == "ConfigMap":
            self._pods.remount(obj)
        if obj["kind"] not in ("Deployment", "ReplicaSet", "Pod"):
            self._quiet.clear()  # pods may wait for it, or miss it now
        owner: Object | None = obj
        self._touch(obj)
        while owner is not None and not tracked_by(owner):
            if owner := self._owner(owner):
                self._touch(owner)
        if owner is not None:
            self._on_change(tracked_by(owner))

    def _touch(self, obj: Object) -> None:
        uid = obj["metadata"]["uid"]
        self._touched.add(uid)
        self._quiet.pop(uid, None)

    def _owner(self, obj: Object) -> Object | None:
        for reference in obj["metadata"].get("ownerReferences") or []:
            for one in self.objects.all(reference["kind"], obj["metadata"].get("namespace", "")):
                if one["metadata"]["uid"] == reference["uid"]:
                    return one
        return None


def _is_over(pod: Object) -> bool:
    return pod["status"]["phase"] in ("Succeeded", "Failed")
