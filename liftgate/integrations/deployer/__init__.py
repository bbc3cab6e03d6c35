"""Bringing a commit to the cluster: what we need of a deployer, and how one of its answers arrives."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol

from liftgate.domain.approval.sync_window import Closed
from liftgate.domain.argocd.pods import Pod
from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.common.value import Value
from liftgate.domain.drift.drift import Compared

Refresh = Literal["normal", "hard"]


class Watch(Protocol):
    """Changes as they happen, for speed; it may lose some, so `get` always has the last word."""

    def next(self, timeout: float) -> Snapshot | None:
        """The next change, or None when none came within so many seconds."""

    def close(self) -> None: ...


class Deployer(Protocol):
    """Raises Unavailable for what passes by itself; `within` is in seconds."""

    def get(self, application: str, within: float = ...) -> Snapshot | None:
        """As it is now; None when there is no such Application."""

    def refresh(self, application: str, kind: Refresh, within: float = ...) -> Snapshot | None:
        """Compare with Git now; raises Unavailable when it did not come back in time."""

    def sync(self, application: str, seen: Snapshot, *, promotion: str) -> bool:
        """Start an operation marked with the promotion; False when another one is in progress.

        It brings the revisions seen; where auto-sync is on, what the branch points to: no other may be asked for.
        Raises Refused when a sync window, or anything else, forbids it now.
        """

    def terminate(self, application: str) -> bool:
        """End the operation under way; False when there was none."""

    def are_hooks_due(self, application: str, seen: Snapshot) -> bool:
        """Whether the state has hooks and differs from what was synced last; when in doubt, yes."""

    def pods(self, application: str) -> tuple[Pod, ...]:
        """The pods of what was deployed last, with what keeps them from running."""

    def closed(self, application: str, now: datetime) -> Closed | None:
        """The sync windows that keep it from being synced now; None while a sync may start."""

    def watch(self, application: str) -> Watch: ...

    def may_sync(self, application: str) -> bool:
        """Whether the token may start an operation."""


class Overview(Protocol):
    """Every Argo CD Application of the project in one request: a watch may have hundreds of them."""

    def all(self) -> list[Snapshot]:
        """In short, in one request: without history and what an operation was asked for, perhaps without revisions."""

    def one(self, application: str) -> Snapshot | None:
        """In full, from memory: it may be a moment old."""

    def compare(self, application: str, last: tuple[str, ...], *, several: bool) -> Compared:
        """The live objects with the manifests of those revisions; none given: with what Git says now.

        `several`: the Application has a list of sources, be it of one.
        """


class Deployed(Value):
    """How a wait ended; durations in seconds by the waiter's own clock."""

    state: Literal["deployed", "failed", "superseded", "timed out"]
    reason: str
    revision: str = ""
    detect: float | None = None
    apply: float | None = None
    settle: float | None = None
    total: float = 0.0
    at: datetime | None = None
    """When the wait ended."""
    first_sync: bool = True
    """Whether the first operation succeeded (also when none was needed)."""
