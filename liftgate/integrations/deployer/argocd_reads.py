"""What verification reads by Argo CD's REST: live ConfigMaps, logs, and when a sync began."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx

from liftgate.domain.argocd.snapshot import read_snapshot
from liftgate.domain.common.value import Json
from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.domain.secrets.error_excerpt import error_excerpt
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.deployer.live import Chosen, Held, Line
from liftgate.integrations.deployer.rest import Rest, manifests_in, object_in, present, rest_body, rest_failure
from liftgate.integrations.http import message_of

TAIL = 5000
"""Lines of each pod, so that a chatty application does not fill the worker's memory."""


class ArgoCDReads(Rest):
    def held(self, application: str, file: str) -> tuple[Held, ...]:
        """Objects that Git no longer names (left over where nothing is pruned) do not count."""
        found = self._get(application, "/managed-resources", {"kind": "ConfigMap"}) or {}
        items = found.get("items") or []
        return tuple(_held(item, file) for item in items if _file(item.get("targetState"), file) is not None)

    def lines(self, application: str, age: float, chosen: Chosen) -> tuple[Line, ...]:
        asked = {"sinceSeconds": str(max(1, int(age) + 1)), "tailLines": str(TAIL), "follow": "false"}
        named = {"container": chosen.container, "kind": chosen.kind, "resourceName": chosen.name}
        query = self._query(application) | asked | {key: text for key, text in named.items() if text}
        response = self._send("GET", application, "/logs", params=query)
        if response.status_code == 403:
            raise Misconfigured(
                f"Argo CD: {message_of(response)}; the token's role needs the policy "
                f"logs, get, {self._project}/{application}, allow"
            )
        if not response.is_success:
            raise rest_failure(response)
        return tuple(sorted(_lines(response), key=lambda line: line.at))

    def may_read_logs(self, application: str) -> bool:
        answer = rest_body(self._call("GET", f"/account/can-i/logs/get/{self._project}/{application}"))
        return bool(answer.get("value") == "yes")

    def rendered(self, application: str) -> list[Json]:
        return manifests_in(self._get(application, "/manifests") or {})

    def synced_at(self, application: str, revision: str) -> datetime | None:
        found = self._get(application)
        operation = None if found is None else read_snapshot(found).operation
        return operation.started if operation and revision in operation.revisions else None


def _held(item: dict[str, Any], file: str) -> Held:
    return Held(name=str(item.get("name", "")), text=_file(item.get("liveState"), file))


def _file(state: str | None, file: str) -> str | None:
    """The file's text in an object."""
    found = object_in(state) or {}
    text = (found.get("data") or {}).get(file)
    return text if isinstance(text, str) else None


def _lines(response: httpx.Response) -> Iterator[Line]:
    """One JSON object a line; the last one says that it is the last."""
    for row in response.text.splitlines():
        if not row.strip():
            continue
        try:
            message = present(loads(row))
        except UnreadableJson as error:
            raise Unavailable(f"Argo CD's log has a line that {error}") from None
        if "error" in message:
            raise _broken(message["error"])
        result = message.get("result") or {}
        if (stamp := result.get("timeStampStr")) and not result.get("last"):
            at = datetime.fromisoformat(stamp)
            yield Line(at=at, pod=result.get("podName", ""), text=result.get("content", ""))


def _broken(error: dict[str, Any]) -> LiftgateError:
    said = f"Argo CD's log ended early: {error_excerpt(str(error.get('message', '')))}"
    return Unavailable(said) if int(error.get("http_code") or 500) >= 500 else Refused(said)
