"""The objects of the cluster: stored, applied, changed and deleted, with whoever owns them told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from liftgate_sandbox.argocd.cluster.admission import check_rules, check_types, with_defaults
from liftgate_sandbox.argocd.cluster.applications import KIND, Applications, is_application
from liftgate_sandbox.argocd.cluster.index import Index
from liftgate_sandbox.argocd.cluster.merge import three_way
from liftgate_sandbox.argocd.kube import LAST_APPLIED, Key, Object, annotations_of, compact, copied, key_of, stamp
from liftgate_sandbox.argocd.state import State


class Objects:
    """Access to the live objects in `state`; `on_change` hears of each one that changed or went."""

    def __init__(self, state: State, on_change: Callable[[Object], None]) -> None:
        self._state, self._on_change = state, on_change
        self._applications = Applications(state)
        self._index = Index(state.live)

    def get(self, key: Key) -> Object | None:
        """The live object itself; not for writing."""
        if is_application(key):
            return self._applications.get(key.name)
        return self._state.live.get(str(key))

    def all(self, kind: str = "", namespace: str = "") -> Iterator[Object]:
        """The objects of a kind and namespace, oldest first; not for writing."""
        live = self._index.of_kind(kind) if kind else [*self._state.live.values()]
        applications = self._applications.all() if kind in ("", KIND) else ()
        for obj in (*live, *applications):
            if namespace in ("", obj["metadata"].get("namespace", "")):
                yield obj

    def tracked_by(self, application: str) -> Iterator[Object]:
        """The objects that are, or were, in the manifests of an application; not for writing."""
        yield from self._index.tracked_by(application)
        yield from self._applications.tracked_by(application)

    def owned_by(self, owner: Object, kind: str) -> list[Object]:
        """The objects of a kind that `owner` made."""
        namespace = owner["metadata"].get("namespace", "")
        made = self._index.owned_by(owner["metadata"]["uid"])
        return [one for one in made if one["kind"] == kind and one["metadata"].get("namespace", "") == namespace]

    def put(self, obj: Object) -> Object:
        """Store `obj`, new or changed, if it differs from what is there; the generation follows the spec."""
        if is_application(key_of(obj)):
            return self._applications.put(obj)
        key = str(key_of(obj))
        before = self._state.live.get(key)
        if before is not None and _content(before) == _content(obj):
            return before
        metadata = obj["metadata"]
        if before is None:
            metadata |= {"uid": str(uuid4()), "creationTimestamp": stamp(self._state.clock())}
            if "spec" in obj:
                metadata["generation"] = 1
        elif before.get("spec") != obj.get("spec"):
            metadata["generation"] = before["metadata"].get("generation", 1) + 1
        metadata["resourceVersion"] = self._state.next_version()
        self._state.live[key] = obj
        self._index.put(key, before, obj)
        self._on_change(obj)
        return obj

    def replace(self, live: Object, parts: Object) -> Object:
        """Store the object with other parts, such as a status, in the place of its own."""
        if all(live.get(name) == part for name, part in parts.items()):
            return live
        return self.put(copied(live | parts))

    def apply(self, target: Object, *, dry_run: bool = False) -> str:
        """`kubectl apply`: created, configured or unchanged; Invalid when the API server refuses."""
        live = self.get(key_of(target))
        check_types(target, live)
        if not dry_run:
            check_rules(target, live)
        wanted = applied(target, live)
        verb = "created" if live is None else "unchanged" if _content(wanted) == _content(live) else "configured"
        if not dry_run:
            self.put(wanted)
        return verb

    def change(self, key: Key, patch: Object) -> Object | None:
        """What a person does by hand: a JSON merge patch on the live object, None if there is none."""
        live = self.get(key)
        return None if live is None else self.put(merge_patch(copied(live), patch))

    def delete(self, key: Key) -> bool:
        """Delete an object and all that it owns; False if there is none."""
        if is_application(key):
            return self._applications.delete(key.name)
        obj = self._state.live.pop(str(key), None)
        if obj is None:
            return False
        self._index.drop(str(key), obj)
        self._state.next_version()
        self._state.pods.pop(obj["metadata"]["uid"], None)
        self._state.rollouts.pop(obj["metadata"]["uid"], None)
        for other in self._index.owned_by(obj["metadata"]["uid"]):
            self.delete(key_of(other))
        self._on_change(obj)
        return True


def applied(target: Object, live: Object | None) -> Object:
    """The live object as it would be after applying `target`."""
    recorded = copied(target)
    recorded["metadata"].setdefault("annotations", {})[LAST_APPLIED] = compact(target) + "\n"
    if live is None:
        return with_defaults(recorded)
    return with_defaults(three_way(last_applied(live), recorded, live))


def last_applied(live: Object) -> Object:
    """The manifest that was applied last, {} if none was."""
    text = annotations_of(live).get(LAST_APPLIED)
    return dict(json.loads(text)) if text else {}


def merge_patch(value: Any, patch: Any) -> Any:
    """RFC 7396, in place where it can."""
    if not isinstance(patch, dict):
        return patch
    value = value if isinstance(value, dict) else {}
    for name, part in patch.items():
        if part is None:
            value.pop(name, None)
        else:
            value[name] = merge_patch(value.get(name), part)
    return value


def _content(obj: Object) -> Object:
    volatile = ("resourceVersion", "generation")
    metadata = {name: value for name, value in obj["metadata"].items() if name not in volatile}
    return obj | {"metadata": metadata}
