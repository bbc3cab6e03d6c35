"""What brings a commit to the cluster, by Argo CD's REST: look, refresh, sync, terminate, watch."""

from __future__ import annotations

from datetime import datetime
from math import inf
from typing import Any

import httpx

from liftgate.domain.approval import sync_window
from liftgate.domain.approval.sync_window import Closed
from liftgate.domain.argocd import pods
from liftgate.domain.argocd.hooks import has_hooks, is_same
from liftgate.domain.argocd.pods import Pod
from liftgate.domain.argocd.snapshot import Snapshot, read_snapshot
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer import Refresh
from liftgate.integrations.deployer.rest import Rest, at, rest_body
from liftgate.integrations.deployer.watch import Stream


class ArgoCD(Rest):
    look_within = 10.0
    refresh_within = 8.0
    """Seconds; a refresh usually takes a quarter of one, and now and then it hangs for good."""
    reconnect_after = 1.0
    probed_pods = 3
    """How many pods that are not ready are asked about: each is a request, and one that fails is enough."""

    def get(self, application: str, within: float = inf) -> Snapshot | None:
        return self._read(application, {}, min(within, self.look_within))

    def refresh(self, application: str, kind: Refresh, within: float = inf) -> Snapshot | None:
        return self._read(application, {"refresh": kind}, min(within, self.refresh_within))

    def sync(self, application: str, seen: Snapshot, *, promotion: str) -> bool:
        asked = {"infos": [{"name": "promotion-id", "value": promotion}]} | _revisions(seen)
        if seen.prunes:  # what an operation deletes is asked for with each: it does not come from the policy
            asked["prune"] = True
        response = self._send("POST", application, "/sync", json=self._query(application) | asked)
        if response.status_code == 400 and "another operation is already in progress" in response.text:
            return False
        rest_body(response)
        return True

    def terminate(self, application: str) -> bool:
        response = self._send("DELETE", application, "/operation", params=self._query(application))
        if response.status_code == 400 and "No operation is in progress" in response.text:
            return False
        rest_body(response)
        return True

    def are_hooks_due(self, application: str, seen: Snapshot) -> bool:
        try:
            now = self._rendered(application, seen.revisions, several=seen.several)
        except Refused:
            return True
        return has_hooks(now) and not self._is_synced(application, seen, now)

    def pods(self, application: str) -> tuple[Pod, ...]:
        found = pods.read_pods(self._get(application, "/resource-tree") or {})
        unready = [pod for pod in found if pod.may_fail_its_probes][: self.probed_pods]
        said = {pod.uid: pods.probe_failure(self._events_of(application, pod)) for pod in unready}
        return tuple(pod.copy_with(failure=said.get(pod.uid) or pod.failure) for pod in found)

    def _events_of(self, application: str, pod: Pod) -> list[Any]:
        about = {"resourceName": pod.name, "resourceNamespace": pod.namespace, "resourceUID": pod.uid}
        found = self._get(application, "/events", about) or {}
        return found.get("items") or []

    def closed(self, application: str, now: datetime) -> Closed | None:
        """Of an Application that is not there yet nothing is known, and nothing is closed."""
        answer = self._get(application, "/syncwindows")
        if answer is None or answer.get("canSync") is True:
            return None
        return sync_window.read_windows(application, answer, self._project_windows(), now)

    def _project_windows(self) -> list[Any]:
        """With their time zones, which the Application's answer lacks; a project role may read its own project."""
        try:
            found = rest_body(self._call("GET", f"/projects/{self._project}"))
        except (Misconfigured, Refused):
            return []
        return (found.get("spec") or {}).get("syncWindows") or []

    def watch(self, application: str) -> Stream:
        query = self._query(application) | {"name": application.rpartition("/")[2]}
        return Stream(self._connect, query, self.reconnect_after)

    def may_sync(self, application: str) -> bool:
        """Argo CD's word for an application elsewhere is `project/namespace/name`."""
        path = f"/account/can-i/applications/sync/{self._project}/{application}"
        return bool(rest_body(self._call("GET", path)).get("value") == "yes")

    def _is_synced(self, application: str, seen: Snapshot, now: list[Any]) -> bool:
        """Whether the last full sync was of this; what was synced then may be gone from the repository."""
        if not (seen.synced_revisions and seen.synced_here):
            return False
        try:
            return is_same(now, self._rendered(application, seen.synced_revisions, several=seen.several))
        except (Refused, Unavailable):
            return False

    def _read(self, application: str, query: dict[str, str], within: float) -> Snapshot | None:
        timeout = httpx.Timeout(min(5.0, within), read=within)
        found = self._get(application, query=query, timeout=timeout)
        if found is not None and not (isinstance(found, dict) and "metadata" in found):
            raise Misconfigured("Argo CD answered with what is no Application; look at LIFTGATE_ARGOCD__URL")
        return None if found is None else read_snapshot(found)


def _revisions(seen: Snapshot) -> dict[str, Any]:
    """What to sync to; with auto-sync on nothing but what the branch points to may be asked for."""
    return {} if seen.auto_sync else at(dict(enumerate(seen.revisions, 1)), several=seen.several)
