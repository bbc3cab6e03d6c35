"""The Deployment controller: a ReplicaSet for each template; old pods go when the new ones are ready."""

from __future__ import annotations

import hashlib

from liftgate_sandbox.argocd.cluster.objects import Objects
from liftgate_sandbox.argocd.cluster.pods import NEVER, Pods, is_ready
from liftgate_sandbox.argocd.kube import Object, compact, copied, key_of
from liftgate_sandbox.argocd.state import State

_LETTERS = str.maketrans("0123456789abcdef", "bcdfghjklmnpqrst")
_REVISION = "deployment.kubernetes.io/revision"


class Deployments:
    """Rolls out; what a rollout has reached stands in `state.rollouts` by the Deployment's uid."""

    def __init__(self, state: State, objects: Objects, pods: Pods) -> None:
        self._state, self._objects, self._pods = state, objects, pods

    def tick(self, deployment: Object) -> float:
        """Move one Deployment on; when to look again."""
        current = self._replica_set(deployment)
        wanted = int(deployment["spec"].get("replicas", 1))
        sets = self._objects.owned_by(deployment, "ReplicaSet")
        old = [pod for one in sets if one is not current for pod in self._objects.owned_by(one, "Pod")]
        new = self._scale(current, wanted)
        ready = [pod for pod in new if is_ready(pod)]
        if len(ready) >= wanted:
            for pod in old:
                self._pods.stop(pod)
        for one in sets:
            self._report_set(one, wanted if one is current else 0)
        return self._report(deployment, old, new, ready)

    def _replica_set(self, deployment: Object) -> Object:
        digest = hashlib.sha256(compact(deployment["spec"]["template"]).encode()).hexdigest()[:10].translate(_LETTERS)
        sets = self._objects.owned_by(deployment, "ReplicaSet")
        revisions = [int(one["metadata"]["annotations"][_REVISION]) for one in sets]
        name = f"{deployment['metadata']['name']}-{digest}"
        found = next((one for one in sets if one["metadata"]["name"] == name), None)
        if found is not None and int(found["metadata"]["annotations"][_REVISION]) == max(revisions):
            return found
        revision = str(max(revisions, default=0) + 1)
        self._forget(sets, int(deployment["spec"].get("revisionHistoryLimit", 10)))
        self._mark(deployment, revision)
        if found is not None:
            found = copied(found)
            found["metadata"]["annotations"][_REVISION] = revision
            return self._objects.put(found)
        return self._objects.put(_replica_set(deployment, name, digest, revision))

    def _mark(self, deployment: Object, revision: str) -> None:
        annotations = {"metadata": {"annotations": {_REVISION: revision}}}
        self._objects.change(key_of(deployment), annotations)

    def _forget(self, sets: list[Object], limit: int) -> None:
        unused = [one for one in sets if not self._objects.owned_by(one, "Pod")]
        for one in unused[: max(0, len(unused) - limit)]:
            self._objects.delete(key_of(one))

    def _scale(self, replica_set: Object, wanted: int) -> list[Object]:
        pods = [one for one in self._objects.owned_by(replica_set, "Pod") if not _is_ending(one)]
        for pod in pods[wanted:]:
            self._pods.stop(pod)
        pods = pods[:wanted]
        while len(pods) < wanted:
            letters = hashlib.sha256(f"{replica_set['metadata']['uid']}{self._state.version}".encode()).hexdigest()
            name = f"{replica_set['metadata']['name']}-{letters[:5].translate(_LETTERS)}"
            pods.append(self._pods.create(replica_set, name))
        return pods

    def _report_set(self, replica_set: Object, wanted: int) -> None:
        pods = self._objects.owned_by(replica_set, "Pod")
        ready = sum(is_ready(pod) for pod in pods)
        changed = {
            "spec": replica_set["spec"] | {"replicas": wanted},
            "status": {"replicas": len(pods), "availableReplicas": ready, "readyReplicas": ready},
        }
        self._objects.replace(replica_set, changed)

    def _report(self, deployment: Object, old: list[Object], new: list[Object], ready: list[Object]) -> float:
        live = self._objects.get(key_of(deployment)) or deployment
        available = len(ready) + sum(is_ready(pod) for pod in old)
        late, due = self._progress(live, len(ready), bool(old) or len(ready) < len(new))
        status = {
            "observedGeneration": live["metadata"]["generation"],
            "replicas": len(old) + len(new),
            "updatedReplicas": len(new),
            "readyReplicas": available,
            "availableReplicas": len(ready),
            "conditions": [_progressing(late=late), _available(available > 0)],
        }
        self._objects.replace(live, {"status": status})
        return due

    def _progress(self, deployment: Object, ready: int, unfinished: bool) -> tuple[bool, float]:
        """The deadline is the rollout's: one that was once complete is never late, however it is scaled."""
        uid, template = deployment["metadata"]["uid"], compact(deployment["spec"]["template"])
        rollout = self._state.rollouts.get(uid, {})
        same = rollout.get("template") == template
        complete = not unfinished or (same and rollout["complete"])
        moved = not same or rollout["ready"] != ready
        since = self._state.clock() if moved else rollout["since"]
        self._state.rollouts[uid] = {"template": template, "ready": ready, "since": since, "complete": complete}
        if complete:
            return False, NEVER
        deadline = since + float(deployment["spec"].get("progressDeadlineSeconds", 600))
        late = self._state.clock() >= deadline
        return late, NEVER if late else deadline


def _is_ending(pod: Object) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def _replica_set(deployment: Object, name: str, digest: str, revision: str) -> Object:
    template = copied(deployment["spec"]["template"])
    labels = {"pod-template-hash": digest}
    template["metadata"] = template.get("metadata") or {}
    template["metadata"]["labels"] = (template["metadata"].get("labels") or {}) | labels
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "controller": True}
    owner |= {field: deployment["metadata"][field] for field in ("name", "uid")}
    metadata = {
        "name": name,
        "namespace": deployment["metadata"]["namespace"],
        "labels": template["metadata"]["labels"],
        "annotations": {_REVISION: revision},
        "ownerReferences": [owner],
    }
    spec = {"replicas": deployment["spec"].get("replicas", 1), "template": template}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}


def _progressing(*, late: bool) -> Object:
    reason = "ProgressDeadlineExceeded" if late else "NewReplicaSetAvailable"
    return {"type": "Progressing", "status": "False" if late else "True", "reason": reason}


def _available(available: bool) -> Object:
    return {"type": "Available", "status": "True" if available else "False"}
