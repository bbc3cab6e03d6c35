"""A closer look at one Application that disagrees with Git: who moved, with as few questions as it takes."""

from __future__ import annotations

from collections.abc import Container

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.drift.drift import Finding, assess_drift, is_suspect, needs_comparison
from liftgate.integrations.deployer import Overview


def look_for_drift(overview: Overview, application: str) -> tuple[Snapshot, Finding] | None:
    """At most three requests; None when there is no such Application. Raises Unavailable, Misconfigured."""
    seen = overview.one(application)
    if seen is None:
        return None
    if needs_comparison(seen):
        return seen, assess_drift(seen, overview.compare(application, seen.synced_revisions, several=seen.several))
    found = assess_drift(seen)
    if is_suspect(seen) and found.is_drift:
        return seen, assess_drift(seen, overview.compare(application, (), several=seen.several))
    return seen, found


def named(seen: Snapshot, names: Container[str]) -> str:
    """Which of the names it goes by, its own or `namespace/name`; an empty string for a stranger in the project."""
    full = f"{seen.namespace}/{seen.name}"
    return full if full in names else seen.name if seen.name in names else ""
