"""What people wait for: updates and rollbacks of one environment, through the whole of a running demo."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from datetime import datetime
from pathlib import Path

from deployments.bench.timing import Row, table
from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain.ledger import Entry
from liftgate.domain.promotion import rollback_id
from liftgate.domain.value import Json

TIMES = 7
POINTER = "/application/environment/configs/cache"


def report() -> str:
    """The section as Markdown: p50 and the longest, in seconds."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        Path(made).chmod(0o711)
        with World(Path(made) / "demo", os.environ, lambda _: None) as world:
            pairs = [_pair(world, number) for number in range(TIMES + 1)][1:]
    changes, back = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    rows = [
        _row("update: commit → synced and healthy", [_between(e.times.committed, e.times.synced) for e in changes]),
        _row("update: commit → verified", [_between(e.times.committed, e.times.verified) for e in changes]),
        _row("update: asked for → recorded", [_between(e.times.requested, e.times.finished) for e in changes]),
        _row("rollback: asked for → verified", [_between(e.times.requested, e.times.verified) for e in back]),
        _row("rollback: revert → verified", [_between(e.times.committed, e.times.verified) for e in back]),
    ]
    return f"{TIMES} of each, with the times a real Argo CD takes.\n\n" + table(("what", "p50", "longest"), rows)


def _pair(world: World, number: int) -> tuple[Entry, Entry]:
    """One update of dev and its rollback."""
    update = _run(world, "update", {"changes": {POINTER: {"ttl": number}}})
    _run(world, "rollback", {"promotion": update})
    world.at.git.fetch()
    entries = {entry.promotion: entry for entry in world.at.entries(APPLICATION, "dev")}
    return entries[update], entries[rollback_id(update)]


def _run(world: World, flow: str, more: dict[str, Json]) -> str:
    parameters = {"application": APPLICATION, "environment": "dev", "reason": "measured"} | more
    run = world.at.runs.create(f"{flow}/{flow}", parameters)
    while not (now := world.at.runs.read(run.id)) or not now.is_over:
        time.sleep(0.05)
    if now.state != "COMPLETED":
        raise SystemExit(f"{flow}: {now.message}")
    return run.id


def _between(first: datetime | None, last: datetime | None) -> float:
    """A commit's time has whole seconds, so figures from one are up to one second too long."""
    if first is None or last is None:
        raise SystemExit("a measured run did not come to its end")
    return (last - first).total_seconds()


def _row(name: str, seconds: list[float]) -> Row:
    return name, f"{statistics.median(seconds):.1f}", f"{max(seconds):.1f}"
