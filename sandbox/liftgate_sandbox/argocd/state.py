"""Everything that outlives a restart, in one JSON file that is replaced as a whole."""

from __future__ import annotations

import json
import os
import secrets
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Event, RLock
from uuid import uuid4

from liftgate_sandbox.argocd.kube import Object, copied, stamp

_SAVED = (
    "version", "applications", "sets", "projects", "accounts", "repositories", "settings", "live", "pods", "rollouts",
    "work", "events", "key",
)  # fmt: skip

Watcher = deque[tuple[str, Object]]
"""Events of applications that one stream has not sent yet: ADDED, MODIFIED or DELETED and the application."""

Hearer = Callable[[Object | None, Object | None], None]
"""Is told of an application before and after a change: None where there was none, or is none any more."""


class State:
    """The objects of Argo CD and its cluster; hold `lock` while reading or changing them."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self.folder, self.clock = folder, clock
        self.lock = RLock()
        self.wake = Event()
        self.watchers: list[Watcher] = []
        self.version = 300
        self.hearers: list[Hearer] = []
        self.applications: dict[str, Object] = {}
        self.sets: dict[str, Object] = {}
        self.projects: dict[str, Object] = {}
        self.accounts: dict[str, Object] = {}
        self.repositories: dict[str, Object] = {}
        self.settings: dict[str, str] = {}
        self.live: dict[str, Object] = {}
        self.pods: dict[str, Object] = {}
        self.rollouts: dict[str, Object] = {}
        self.work: dict[str, Object] = {}
        self.events: list[Object] = []
        self.key = secrets.token_hex(32)
        self._saved_version = -1
        folder.mkdir(parents=True, exist_ok=True)
        if self._file.exists():
            for name, value in json.loads(self._file.read_text()).items():
                setattr(self, name, value)

    @property
    def _file(self) -> Path:
        return self.folder / "state.json"

    def next_version(self) -> str:
        """The next resourceVersion; the reconciler looks at once, because something changed."""
        self.version += 1
        self.wake.set()
        return str(self.version)

    def new_metadata(self, name: str, namespace: str) -> Object:
        """The metadata that the API server gives to a new object."""
        metadata: Object = {"name": name, "namespace": namespace, "uid": str(uuid4())}
        created = stamp(self.clock())
        return metadata | {
            "resourceVersion": self.next_version(),
            "generation": 1,
            "creationTimestamp": created,
        }

    def put_application(self, app: Object) -> None:
        """Store a changed application under a new version and tell the streams."""
        name = app["metadata"]["name"]
        before = self.applications.get(name)
        if before is not None:
            app["metadata"]["resourceVersion"] = self.next_version()
            if any(before.get(part) != app.get(part) for part in ("spec", "status", "operation")):
                app["metadata"]["generation"] += 1
        self.applications[name] = app
        self._notify("ADDED" if before is None else "MODIFIED", before, app)

    def drop_application(self, name: str) -> None:
        """Forget an application and what is under way for it."""
        app = self.applications.pop(name)
        self.work.pop(name, None)
        app["metadata"]["resourceVersion"] = self.next_version()
        self._notify("DELETED", app, None)

    def application(self, name: str) -> Object:
        """A copy to change and put back."""
        return copied(self.applications[name])

    def forget(self, watcher: Watcher) -> None:
        """A stream has ended."""
        with self.lock:
            self.watchers = [one for one in self.watchers if one is not watcher]

    def _notify(self, event: str, before: Object | None, after: Object | None) -> None:
        for watcher in self.watchers:
            watcher.append((event, copied(after or before or {})))
        for hearer in self.hearers:
            hearer(before, after)

    def add_event(self, app: Object, reason: str, message: str, user: str = "") -> None:
        """Record a Kubernetes event about an application; the newest 200 are kept."""
        metadata, destination = app["metadata"], app["spec"]["destination"]
        now = stamp(self.clock())
        about: Object = {
            "dest-namespace": destination.get("namespace", ""),
            "dest-server": destination.get("server", ""),
        }
        subject = {name: metadata[name] for name in ("namespace", "name", "uid")} | {"kind": "Application"}
        subject |= {"apiVersion": "argoproj.io/v1alpha1", "resourceVersion": metadata["resourceVersion"]}
        identity = self.new_metadata(f"{metadata['name']}.{uuid4().hex[:16]}", metadata["namespace"])
        del identity["generation"]
        event: Object = {
            "metadata": identity | {"annotations": about | ({"user": user} if user else {})},
            "involvedObject": subject,
            "reason": reason,
            "message": message,
            "source": {"component": "argocd-server" if user else "argocd-application-controller"},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
            "type": "Warning" if " failed" in message else "Normal",
            "eventTime": None,
        }
        self.events = [*self.events, event][-200:]

    def save(self) -> None:
        """Write the file if anything changed since the last time."""
        with self.lock:
            if self._saved_version == self.version:
                return
            self._saved_version = self.version
            text = json.dumps({name: getattr(self, name) for name in _SAVED})
        fresh = self._file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
        fresh.replace(self._file)
