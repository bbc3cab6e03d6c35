"""What brings a commit to the cluster, by Argo CD's REST: look, refresh, sync, terminate, watch."""

from __future__ import annotations

from typing import Any

import httpx

from liftgate.domain.snapshot import Snapshot, read
from liftgate.integrations.deployer import Refresh
from liftgate.integrations.deployer.rest import Rest, body
from liftgate.integrations.deployer.watch import Stream

REFRESH_TIMEOUT = 8.0
"""Seconds; a refresh usually takes a quarter of one, and now and then it hangs for good."""


class ArgoCD(Rest):
    def get(self, application: str) -> Snapshot | None:
        return self._read(application, {})

    def refresh(self, application: str, kind: Refresh) -> Snapshot | None:
        return self._read(application, {"refresh": kind}, timeout=httpx.Timeout(5, read=REFRESH_TIMEOUT))

    def sync(self, application: str, *, revision: str, promotion: str) -> Snapshot | None:
        asked: dict[str, Any] = {"infos": [{"name": "promotion-id", "value": promotion}]}
        if revision:
            asked["revision"] = revision
        response = self._send("POST", application, "/sync", json=self._query(application) | asked)
        if response.status_code == 400 and "another operation is already in progress" in response.text:
            return None
        return read(body(response))

    def terminate(self, application: str) -> bool:
        response = self._send("DELETE", application, "/operation", params=self._query(application))
        if response.status_code == 400 and "No operation is in progress" in response.text:
            return False
        body(response)
        return True

    def watch(self, application: str) -> Stream:
        query = self._query(application) | {"name": application.rpartition("/")[2]}
        return Stream(self._http, query)

    def may_sync(self, application: str) -> bool:
        """Argo CD's word for an application elsewhere is `project/namespace/name`."""
        path = f"/account/can-i/applications/sync/{self._project}/{application}"
        return bool(body(self._call("GET", path)).get("value") == "yes")

    def _read(self, application: str, query: dict[str, str], **options: Any) -> Snapshot | None:
        found = self._get(application, query=query, **options)
        return None if found is None else read(found)
