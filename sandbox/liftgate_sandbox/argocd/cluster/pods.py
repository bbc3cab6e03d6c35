"""Pods: they start after a while, read what is mounted, run the program, become ready, write log lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.cluster.obstacles import Obstacle, obstacle
from liftgate_sandbox.argocd.kube import Key, Object, containers, copied, key_of, pod_specs, stamp
from liftgate_sandbox.argocd.state import State
from liftgate_sandbox.argocd.timings import Timings

Program = Callable[[Mapping[str, str]], tuple[str, list[str]]]
"""What runs in every pod: from the mounted files to what is wrong ("" is healthy) and its first log lines."""

NEVER = float("inf")
_LONGEST = 300.0
"""Seconds; the back-off grows no further."""


class Pods:
    """The kubelet. What a pod is about inside stands in `state.pods` by its uid."""

    def __init__(self, state: State, objects: Objects, timings: Timings, program: Program) -> None:
        self._state, self._objects, self._timings, self._program = state, objects, timings, program

    def create(self, owner: Object, name: str) -> Object:
        """Start one pod of a ReplicaSet or Job."""
        template = copied(owner["spec"]["template"])
        metadata = template.get("metadata", {}) | {"name": name, "namespace": owner["metadata"]["namespace"]}
        metadata["ownerReferences"] = [_reference(owner)]
        status = {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]}
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": metadata,
            "spec": template["spec"],
            "status": status,
        }
        pod = self._objects.put(pod)
        self._state.pods[pod["metadata"]["uid"]] = {"born": self._state.clock(), "lines": []}
        return pod

    def stop(self, pod: Object) -> None:
        """Ask a pod to end; it serves until it is gone."""
        inside = self._inside(pod)
        if "gone_at" not in inside:
            now = self._state.clock()
            inside["gone_at"] = now + self._timings.pod_stop
            ending = copied(pod)
            ending["metadata"]["deletionTimestamp"] = stamp(now)
            self._objects.put(ending)

    def tick(self, pod: Object) -> float:
        """Move one pod on; when to look again."""
        inside, now = self._inside(pod), self._state.clock()
        if "gone_at" in inside:
            if now >= inside["gone_at"]:
                self._objects.delete(key_of(pod))
                return NEVER
            return float(inside["gone_at"])
        due = inside["born"] + self._timings.pod_start
        if now < due:
            return float(due)
        found = obstacle(pod, self._objects)
        if found:
            return self._wait(pod, inside, found, now)
        if "problem" not in inside:
            self._start(pod, inside, now)
        self._report(pod, inside)
        return NEVER

    def _wait(self, pod: Object, inside: Object, found: Obstacle, now: float) -> float:
        """Tried, and to be tried again after twice the time of before."""
        if now >= inside.get("again_at", 0.0):
            inside["tries"] = tries = inside.get("tries", -1) + 1
            back_off = min(self._timings.back_off * 2 ** (tries - 1), _LONGEST) if tries else 0.0
            inside["again_at"] = now + (back_off if found.restarts or tries else self._timings.back_off)
            waiting = {
                "reason": found.later if tries else found.first,
                "message": found.message.format(seconds=back_off),
            }
            changed = copied(pod)
            conditions = [{"type": "Ready", "status": "False"}]
            stopped = {"restartCount": tries if found.restarts else 0, "state": {"waiting": waiting}}
            phase = "Running" if found.restarts else "Pending"
            changed["status"] = {"phase": phase, "conditions": conditions, "containerStatuses": [stopped]}
            self._objects.put(changed)
        return float(inside["again_at"])

    def remount(self, config: Object) -> None:
        """A ConfigMap changed in place: the running programs that mount it read it again."""
        name = config["metadata"]["name"]
        for pod in self._objects.all("Pod", config["metadata"]["namespace"]):
            inside = self._inside(pod)
            if "problem" in inside and name in mounted(pod):
                self._start(pod, inside, self._state.clock())
                self._report(pod, inside)

    def _inside(self, pod: Object) -> Object:
        return self._state.pods.setdefault(pod["metadata"]["uid"], {"born": self._state.clock(), "lines": []})

    def _start(self, pod: Object, inside: Object, now: float) -> None:
        files = self._files(pod)
        if files is None or files == inside.get("files"):
            return
        problem, lines = self._program(files)
        written = [*inside["lines"], *([now, line] for line in lines)]
        inside |= {"files": files, "problem": problem, "lines": written[-200:]}

    def _files(self, pod: Object) -> dict[str, str] | None:
        found: dict[str, str] = {}
        for name in mounted(pod):
            config = self._objects.get(Key("", "ConfigMap", pod["metadata"]["namespace"], name))
            if config is None:
                return None
            found |= config.get("data") or {}
        return found

    def _report(self, pod: Object, inside: Object) -> None:
        started = "problem" in inside
        ready = started and not (inside["problem"] and _is_probed(pod))
        if started and not ready and "probe_failed" not in inside:
            inside["probe_failed"] = self._state.clock()
        conditions = [{"type": "Ready", "status": "True" if ready else "False"}]
        status = {"phase": "Running" if started else "Pending", "conditions": conditions}
        self._objects.replace(pod, {"status": status})


def is_ready(pod: Object) -> bool:
    """Whether the pod takes requests."""
    return bool(pod["status"]["conditions"][0]["status"] == "True")


def mounted(pod: Object) -> list[str]:
    """The names of the ConfigMaps that a pod mounts."""
    volumes = [volume for spec in pod_specs(pod) for volume in spec.get("volumes") or []]
    return [volume["configMap"]["name"] for volume in volumes if volume.get("configMap")]


def _is_probed(pod: Object) -> bool:
    return any("httpGet" in (one.get("readinessProbe") or {}) for one in containers(pod))


def _reference(owner: Object) -> Object:
    reference = {name: owner["metadata"][name] for name in ("name", "uid")}
    return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "controller": True} | reference
