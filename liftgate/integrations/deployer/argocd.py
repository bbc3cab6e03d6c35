"""Argo CD's REST (argo-cd.readthedocs.io, API docs; assets/swagger.json of the server)."""

from __future__ import annotations

from typing import Any

import httpx

from liftgate.domain.snapshot import Snapshot, read
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer import Refresh
from liftgate.integrations.deployer.watch import Stream
from liftgate.integrations.http import client, error_of, json_of, message_of, send

WHO = "Argo CD"
REFRESH_TIMEOUT = 8.0
"""Seconds; a refresh usually takes a quarter of one, and now and then it hangs for good."""
_PASSING = ("unavailable", "deadline", "timeout", "connection refused", "connection reset", "eof")


class ArgoCD:
    def __init__(self, url: str, token: str, project: str, *, verify: bool = True) -> None:
        if not url:
            raise Misconfigured("no Argo CD: set LIFTGATE_ARGOCD__URL")
        # Anything but exactly this content type is answered 415, on DELETE without a body too.
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = client(f"{url.rstrip('/')}/api/v1", headers, verify=verify)
        self._project = project

    def get(self, application: str) -> Snapshot | None:
        return self._read(application, {})

    def refresh(self, application: str, kind: Refresh) -> Snapshot | None:
        timeout = httpx.Timeout(5, read=REFRESH_TIMEOUT)
        return self._read(application, {"refresh": kind}, timeout=timeout)

    def sync(self, application: str, *, revision: str, promotion: str) -> Snapshot | None:
        body: dict[str, Any] = {
            "project": self._project,
            "infos": [{"name": "promotion-id", "value": promotion}],
        } | ({"revision": revision} if revision else {})
        response = self._send("POST", f"/applications/{application}/sync", json=body)
        if response.status_code == 400 and "another operation is already in progress" in response.text:
            return None
        return read(self._json(response))

    def terminate(self, application: str) -> bool:
        response = self._send("DELETE", f"/applications/{application}/operation", params=self._query)
        if response.status_code == 400 and "No operation is in progress" in response.text:
            return False
        self._json(response)
        return True

    def watch(self, application: str) -> Stream:
        query = self._query | {"name": application}
        return Stream(self._http, query)

    def may_sync(self, application: str) -> bool:
        path = f"/account/can-i/applications/sync/{self._project}/{application}"
        return bool(self._json(self._send("GET", path)).get("value") == "yes")

    @property
    def _query(self) -> dict[str, str]:
        """Without the project a missing application looks like a forbidden one."""
        return {"project": self._project}

    def _read(self, application: str, query: dict[str, str], **options: Any) -> Snapshot | None:
        response = self._send("GET", f"/applications/{application}", params=self._query | query, **options)
        return None if response.status_code == 404 else read(self._json(response))

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return send(self._http, WHO, method, path, **options)

    @staticmethod
    def _json(response: httpx.Response) -> Any:
        if response.is_success:
            return json_of(response, WHO)
        raise _failure(response)


def _failure(response: httpx.Response) -> LiftgateError:
    """By status and message: 400 may be a passing fault of the repository, 403 a sync window."""
    said = message_of(response)
    lower = said.lower()
    if response.status_code == 403 and "blocked by sync window" in lower:
        return Refused("Argo CD: a sync window does not allow it now")
    if response.status_code == 400 and any(word in lower for word in _PASSING):
        return Unavailable(f"Argo CD: {said}")
    if response.status_code == 401:
        return Misconfigured(f"Argo CD does not accept the token ({said}); look at LIFTGATE_ARGOCD__TOKEN")
    if response.status_code == 403:
        return Misconfigured(
            f"Argo CD: {said}; the token's role needs get and sync on the application "
            "(LIFTGATE_ARGOCD__TOKEN, LIFTGATE_ARGOCD__PROJECT)"
        )
    if response.status_code == 409:
        return Unavailable(f"Argo CD: {said}")
    return error_of(response, WHO)
