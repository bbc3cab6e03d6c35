"""The live objects by kind, by owner and by application, so that a question about a few need not look at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from liftgate_sandbox.argocd.kube import Object, tracked_by

Group = dict[str, Object]
"""Objects by their key in the state file, oldest first."""


class Index:
    """Follows the live objects of the state, and is told of each change to them."""

    def __init__(self, live: Mapping[str, Object]) -> None:
        self._groups: defaultdict[tuple[str, str], Group] = defaultdict(dict)
        for key, obj in live.items():
            self.put(key, None, obj)

    def put(self, key: str, before: Object | None, obj: Object) -> None:
        """An object that changes keeps its place."""
        groups = set(_groups(obj))
        self._leave(key, set(_groups(before)) - groups if before else ())
        for group in groups:
            self._groups[group][key] = obj

    def drop(self, key: str, obj: Object) -> None:
        self._leave(key, _groups(obj))

    def of_kind(self, kind: str) -> list[Object]:
        return self._of("kind", kind)

    def owned_by(self, uid: str) -> list[Object]:
        return self._of("owner", uid)

    def tracked_by(self, application: str) -> list[Object]:
        return self._of("application", application)

    def _of(self, what: str, name: str) -> list[Object]:
        return list(self._groups.get((what, name), {}).values())

    def _leave(self, key: str, groups: Iterable[tuple[str, str]]) -> None:
        for group in groups:
            self._groups[group].pop(key, None)
            if not self._groups[group]:
                del self._groups[group]


def owner_of(obj: Object) -> str:
    """The uid of what made it; empty if nothing did."""
    owners = obj["metadata"].get("ownerReferences") or [{"uid": ""}]
    return str(owners[0]["uid"])


def _groups(obj: Object) -> Iterator[tuple[str, str]]:
    yield "kind", obj["kind"]
    yield "owner", owner_of(obj)
    yield "application", tracked_by(obj)
