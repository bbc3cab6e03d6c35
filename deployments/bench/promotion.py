"""What people wait for: updates beside the floor, and updates that break and are taken back, in a running demo."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deployments.bench.floor import by_hand
from deployments.bench.timing import Row, table
from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain.ledger import Entry
from liftgate.domain.promotion import rollback_id
from liftgate.domain.value import Json

UPDATES, ROLLBACKS = 10, 50
CACHE = "/application/environment/configs/cache"
VERSION = "/application/version"
BREAKS = "1.5.0"
"""The sandbox's application needs a database from this version on: without one it starts, and says it is ill."""


def report() -> str:
    """The section as Markdown; all in seconds."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        Path(made).chmod(0o711)
        with World(Path(made) / "demo", os.environ, lambda _: None) as world:
            both = [(_floor(world, number), _update(world, number)) for number in range(UPDATES + 1)][1:]
            _without_database(world)
            broken = [_broken(world, number) for number in range(ROLLBACKS)]
    return _beside_the_floor(both) + "\n" + _taken_back(broken)


def _without_database(world: World) -> None:
    file = world.at.git.file(world.at.git.fetch(), "configs/dev/values.json")
    values = json.loads(file.data if file else b"{}")
    del values["application"]["environment"]["configs"]["database"]
    by_hand(world, json.dumps(values, indent=2).encode())


def _floor(world: World, number: int) -> float:
    """The same change as an update's, by hand."""
    file = world.at.git.file(world.at.git.fetch(), "configs/dev/values.json")
    data = file.data if file else b""
    return by_hand(world, data.rstrip() + b"\n" * (2 + number % 2))


def _update(world: World, number: int) -> tuple[float, float]:
    """Seconds from the beginning of the commit to synced and healthy, and to verified."""
    run = _run(world, "update", {"changes": {CACHE: {"ttl": number}}}, "COMPLETED")
    tasks, entry = _tasks(world, run), _entry(world, run)
    committed = tasks["commit"][0]
    return _seconds(committed, tasks["sync"][1]), _seconds(committed, entry.times.verified)


def _broken(world: World, number: int) -> dict[str, float]:
    """One that breaks dev, and how long each phase of taking it back lasted."""
    run = _run(world, "update", {"changes": {VERSION: BREAKS, CACHE: {"ttl": 1000 + number}}}, "FAILED")
    (back,) = _ask(world, "/flow_runs/filter", {"flow_runs": {"parent_flow_run_id": {"any_": [run]}}})
    tasks, verified = _tasks(world, back["id"]), _entry(world, rollback_id(run)).times.verified
    asked = datetime.fromisoformat(back["created"])
    return {
        "decided → revert pushed": _seconds(asked, tasks["revert-commit"][1]),
        "revert pushed → synced and healthy": _seconds(tasks["revert-commit"][1], tasks["sync"][1]),
        "synced and healthy → verified": _seconds(tasks["sync"][1], verified),
        "decided → verified, all together": _seconds(asked, verified),
    }


def _run(world: World, flow: str, more: dict[str, Json], ends: str) -> str:
    parameters = {"application": APPLICATION, "environment": "dev", "reason": "measured"} | more
    run = world.at.runs.create(f"{flow}/{flow}", parameters)
    while not (now := world.at.runs.read(run.id)) or not now.is_over:
        time.sleep(0.05)
    if now.state != ends:
        raise SystemExit(f"{flow}: {now.state}: {now.message}")
    return run.id


def _tasks(world: World, run: str) -> dict[str, tuple[datetime, datetime]]:
    """Beginning and end of each task of a run, by its name."""
    moments = world.at.runs.history(run)
    return {
        each.what: (each.when, each.when + timedelta(seconds=each.took)) for each in moments if each.took is not None
    }


def _ask(world: World, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    response = httpx.post(f"{world.prefect.api_url}{path}", json=body, timeout=30, trust_env=False)
    found: list[dict[str, Any]] = response.raise_for_status().json()
    return found


def _entry(world: World, promotion: str) -> Entry:
    world.at.git.fetch()
    return next(entry for entry in world.at.entries(APPLICATION, "dev") if entry.promotion == promotion)


def _seconds(first: datetime, last: datetime | None) -> float:
    if last is None:
        raise SystemExit("a measured run did not come to its end")
    return (last - first).total_seconds()


def _beside_the_floor(both: list[tuple[float, tuple[float, float]]]) -> str:
    floor = [by_hand for by_hand, _ in both]
    synced, verified = [update[0] for _, update in both], [update[1] for _, update in both]
    lowest = statistics.median(floor)
    rows: list[Row] = [
        ("by hand: commit → synced and healthy (the floor)", *_figures(floor), "1.0"),
        ("update: commit → synced and healthy", *_figures(synced), f"{statistics.median(synced) / lowest:.2f}"),
        ("update: commit → verified", *_figures(verified), f"{statistics.median(verified) / lowest:.2f}"),
    ]
    head = ("what", "p50", "p95", "times the floor")
    return f"{len(both)} of each in turn, with the times a real Argo CD takes.\n\n{table(head, rows)}"


def _taken_back(broken: list[dict[str, float]]) -> str:
    rows: list[Row] = [(phase, *_figures([one[phase] for one in broken])) for phase in broken[0]]
    text = f"{len(broken)} updates that start and are ill; verification finds it, and the rollback starts by itself."
    return f"{text}\n\n{table(('rollback', 'p50', 'p95'), rows)}"


def _figures(seconds: list[float]) -> tuple[str, str]:
    return f"{statistics.median(seconds):.2f}", f"{statistics.quantiles(seconds, n=20, method='inclusive')[-1]:.2f}"
