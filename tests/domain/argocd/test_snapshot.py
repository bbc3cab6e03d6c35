"""Every Application a real Argo CD answered with reads as a snapshot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from liftgate.domain.argocd.snapshot import read_snapshot

CASES = Path(__file__).parents[2] / "cases" / "argocd"


def applications(value: Any) -> Iterator[dict[str, Any]]:
    """Applications anywhere in a recorded body: answers, lists, watch events."""
    if isinstance(value, dict):
        named = "name" in (value.get("metadata") or {})
        if named and "destination" in (value.get("spec") or {}):
            yield value
        for below in value.values():
            yield from applications(below)
    elif isinstance(value, list):
        for below in value:
            yield from applications(below)


def recorded(number: int) -> dict[str, Any]:
    """The first Application in the recording of that number."""
    (path,) = CASES.glob(f"{number:02d}-*.json")
    return next(applications(json.loads(path.read_text())))


FILES = sorted(CASES.glob("*.json"))


def test_every_recorded_application_reads() -> None:
    for path in FILES:
        for application in applications(json.loads(path.read_text())):
            seen = read_snapshot(application)
            status = application.get("status") or {}
            assert seen.name == application["metadata"]["name"], path.stem
            assert seen.sync == ((status.get("sync") or {}).get("status") or "Unknown"), path.stem
            assert seen.health == (status.get("health") or {}).get("status", ""), path.stem
            assert (seen.requested is not None) == (application.get("operation") is not None), path.stem
            assert (seen.operation is not None) == (status.get("operationState") is not None), path.stem


def test_there_are_recordings_to_read() -> None:
    assert len(FILES) > 200
