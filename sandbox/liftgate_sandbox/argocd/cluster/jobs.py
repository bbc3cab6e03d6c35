"""The Job controller: a Job ends as its command would, and fails where the program finds its settings wrong."""

from __future__ import annotations

from liftgate_sandbox.argocd.cluster.commands import command_of
from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.cluster.pods import NEVER, Pods, mounted
from liftgate_sandbox.argocd.kube import Key, Object, copied, key_of, stamp
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings


class Jobs:
    """Runs the pods of Jobs to their end."""

    def __init__(self, state: State, objects: Objects, pods: Pods, timings: Timings) -> None:
        self._state, self._objects, self._pods, self._timings = state, objects, pods, timings

    def tick(self, job: Object) -> float:
        """Move one Job on; when to look again."""
        if "deletionTimestamp" in job["metadata"]:
            return self._go(job)
        if (job.get("status") or {}).get("conditions"):
            return NEVER
        pods = self._objects.owned_by(job, "Pod")
        pod = pods[0] if pods else self._pods.create(job, f"{job['metadata']['name']}-{job['metadata']['uid'][:5]}")
        seconds, failed = command_of(job)
        inside = self._state.pods[pod["metadata"]["uid"]]
        due = inside["born"] + self._timings.pod_start + seconds
        if self._state.clock() < due:
            return float(due)
        if mounted(pod) and "problem" not in inside:
            return NEVER
        self._finish(job, pod, failed=failed or bool(inside.get("problem")))
        return NEVER

    def stop(self, key: Key) -> None:
        """Delete a Job; it is gone a moment later."""
        job = self._objects.get(key)
        if job is not None and "deletionTimestamp" not in job["metadata"]:
            self._state.rollouts[job["metadata"]["uid"]] = {"gone_at": self._state.clock() + self._timings.pod_stop}
            deletion = {"metadata": {"deletionTimestamp": stamp(self._state.clock())}}
            self._objects.change(key, deletion)

    def _go(self, job: Object) -> float:
        due = float(self._state.rollouts[job["metadata"]["uid"]]["gone_at"])
        if self._state.clock() < due:
            return due
        self._objects.delete(key_of(job))
        return NEVER

    def _finish(self, job: Object, pod: Object, *, failed: bool) -> None:
        pod = copied(pod)
        pod["status"]["phase"] = "Failed" if failed else "Succeeded"
        self._objects.put(pod)
        condition = {"type": "Complete", "message": "Reached expected number of succeeded pods"}
        if failed:
            condition = {"type": "Failed", "message": "Job has reached the specified backoff limit"}
        condition |= {"status": "True", "lastTransitionTime": stamp(self._state.clock())}
        job = copied(job)
        job["status"] = {"conditions": [condition], "failed" if failed else "succeeded": 1}
        self._objects.put(job)
