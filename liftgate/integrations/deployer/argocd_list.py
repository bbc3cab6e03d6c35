"""Many Applications at once by Argo CD's REST: a list comes from its memory, and has no limit of requests a second."""

from __future__ import annotations

from typing import Any

from liftgate.domain.argocd.snapshot import Snapshot, read_snapshot
from liftgate.domain.drift.compare import Managed, compare_drift, key_of
from liftgate.domain.drift.drift import Compared
from liftgate.integrations.deployer.rest import Rest, object_in, present, rest_body

FIELDS = ",".join(
    f"items.{name}"
    for name in (
        "metadata.name", "metadata.namespace", "metadata.creationTimestamp", "metadata.deletionTimestamp", "spec",
        "operation.sync", "status.sync.status", "status.sync.revision", "status.resources",
        "status.operationState.phase", "status.operationState.startedAt", "status.operationState.finishedAt",
    )
)  # fmt: skip
"""A list takes certain names only: neither the history nor who asked for the operation is among them, the revision
since Argo CD 3.5, and never those of several sources. A name it does not know it passes over."""


class ArgoCDList(Rest):
    def all(self) -> list[Snapshot]:
        return [read_snapshot(item) for item in self._list({"fields": FIELDS})]

    def one(self, application: str) -> Snapshot | None:
        namespace, _, name = application.rpartition("/")
        query = {"name": name} | ({"appNamespace": namespace} if namespace else {})
        return next((seen for seen in map(read_snapshot, self._list(query)) if seen.name == name), None)

    def compare(self, application: str, last: tuple[str, ...], *, several: bool) -> Compared:
        found = self._get(application, "/managed-resources") or {}
        managed = [_managed(item) for item in found.get("items") or []]
        return compare_drift(managed, present(self._rendered(application, last, several=several)) if last else None)

    def _list(self, query: dict[str, str]) -> list[Any]:
        """Filtered by the server; without a right there it is empty, not forbidden."""
        found = rest_body(self._call("GET", "/applications", params={"projects": self._project} | query))
        return found.get("items") or []


def _managed(item: dict[str, Any]) -> Managed:
    live, predicted, target = (present(object_in(item.get(name))) for name in _STATES)
    named = target or live or {}
    return Managed(
        object=f"{item.get('kind', '')}/{item.get('name', '')}",
        key=key_of(named),
        live=live,
        predicted=predicted,
        target=target,
        hook=bool(item.get("hook")),
    )


_STATES = ("normalizedLiveState", "predictedLiveState", "targetState")
