"""Applications as objects of the cluster: what an application of applications is made of."""

from __future__ import annotations

from collections.abc import Iterator

from liftgate_sandbox.argocd.applications import GIVEN, ask_to_go, create
from liftgate_sandbox.argocd.kube import Key, Object, copied, tracked_by
from liftgate_sandbox.argocd.state import State

GROUP, KIND = "argoproj.io", "Application"
CUSTOMIZATION = "resource.customizations.health.argoproj.io_Application"
"""With this setting an Application has health: that of its status, as the documentation's check has it."""


class Applications:
    """The applications of `state`, read and written as manifests."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(self) -> Iterator[Object]:
        """Every application; not for writing."""
        for app in list(self._state.applications.values()):
            yield self._shown(app)

    def tracked_by(self, name: str) -> Iterator[Object]:
        """Those that are in the manifests of another one; not for writing."""
        for app in list(self._state.applications.values()):
            if tracked_by(app) == name:
                yield self._shown(app)

    def get(self, name: str) -> Object | None:
        """One application; not for writing."""
        app = self._state.applications.get(name)
        return None if app is None else self._shown(app)

    def put(self, obj: Object) -> Object:
        """Make one, or change what is the maker's of it."""
        metadata, name = obj["metadata"], obj["metadata"]["name"]
        if name not in self._state.applications:
            return self._shown(create(self._state, metadata, obj["spec"]))
        app = self._state.application(name)
        given = {part: copied(metadata[part]) for part in GIVEN if metadata.get(part)}
        app["metadata"] = {part: value for part, value in app["metadata"].items() if part not in GIVEN} | given
        app["spec"] = copied(obj["spec"])
        if app != self._state.applications[name]:
            self._state.put_application(app)
        return self._shown(app)

    def delete(self, name: str) -> bool:
        """Ask one to go; False if there is none."""
        known = name in self._state.applications
        if known:
            ask_to_go(self._state, name)
        return known

    def _shown(self, app: Object) -> Object:
        shown = {"apiVersion": f"{GROUP}/v1alpha1", "kind": KIND, "metadata": app["metadata"], "spec": app["spec"]}
        return shown | ({"status": app["status"]} if CUSTOMIZATION in self._state.settings else {})


def is_application(key: Key) -> bool:
    """Whether `key` names an application."""
    return (key.group, key.kind) == (GROUP, KIND)
