"""What verification reads by Argo CD's REST: live ConfigMaps, logs, and when a sync began."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx

from liftgate.domain.snapshot import read
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.live import Chosen, Held, Line
from liftgate.integrations.http import client, error_of, json_of, message_of, send

WHO = "Argo CD"
TAIL = 5000
"""Lines of each pod, so that a chatty application does not fill the worker's memory."""


class ArgoCDReads:
    def __init__(self, url: str, token: str, project: str, *, verify: bool = True) -> None:
        if not url:
            raise Misconfigured("no Argo CD: set LIFTGATE_ARGOCD__URL")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._http = client(f"{url.rstrip('/')}/api/v1", headers, verify=verify)
        self._project = project

    def held(self, application: str, file: str) -> tuple[Held, ...]:
        """Objects that Git no longer names (left over where nothing is pruned) do not count."""
        response = self._get(application, "/managed-resources", {"kind": "ConfigMap"})
        items = json_of(response, WHO).get("items") or []
        return tuple(_held(item, file) for item in items if _file(item.get("targetState"), file) is not None)

    def lines(self, application: str, age: float, chosen: Chosen) -> tuple[Line, ...]:
        asked = {"sinceSeconds": str(max(1, int(age) + 1)), "tailLines": str(TAIL), "follow": "false"}
        named = {"container": chosen.container, "kind": chosen.kind, "resourceName": chosen.name}
        response = self._get(application, "/logs", asked | {key: text for key, text in named.items() if text})
        if response.status_code == 403:
            raise Misconfigured(
                f"Argo CD: {message_of(response)}; the token's role needs the policy "
                f"logs, get, {self._project}/{application}, allow"
            )
        if not response.is_success:
            raise error_of(response, WHO)
        return tuple(sorted(_lines(response), key=lambda line: line.at))

    def synced_at(self, application: str, revision: str) -> datetime | None:
        response = self._get(application, "", {})
        operation = None if response.status_code == 404 else read(json_of(response, WHO)).operation
        return operation.started if operation and revision in operation.revisions else None

    def _get(self, application: str, what: str, query: dict[str, str]) -> httpx.Response:
        """Without the project a missing application looks like a forbidden one."""
        path = f"/applications/{application}{what}"
        return send(self._http, WHO, "GET", path, params=query | {"project": self._project})


def _held(item: dict[str, Any], file: str) -> Held:
    return Held(name=str(item.get("name", "")), text=_file(item.get("liveState"), file))


def _file(state: str | None, file: str) -> str | None:
    """The file's text in an object that came as JSON text; `null` when there is no object."""
    found = json.loads(state or "null") or {}
    text = (found.get("data") or {}).get(file)
    return text if isinstance(text, str) else None


def _lines(response: httpx.Response) -> Iterator[Line]:
    """One JSON object a line; the last one says that it is the last."""
    for row in response.text.splitlines():
        if not row.strip():
            continue
        message = json.loads(row)
        if "error" in message:
            raise _broken(message["error"])
        result = message.get("result") or {}
        if not result.get("last"):
            at = datetime.fromisoformat(result["timeStampStr"])
            yield Line(at=at, pod=result.get("podName", ""), text=result.get("content", ""))


def _broken(error: dict[str, Any]) -> LiftgateError:
    said = f"Argo CD's log ended early: {error.get('message', '')}"
    return Unavailable(said) if int(error.get("http_code") or 500) >= 500 else Refused(said)
