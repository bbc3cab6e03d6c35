"""How long people wait, in a running demo: for updates, compared with the floor, and for failing ones' rollback."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from liftgate_sandbox.serve import serve

from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain.common.value import Json
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import rollback_id
from liftgate.integrations.http import client
from liftgate.integrations.runs.prefect import credentials
from tools.bench.breaking import Way, prepare, test_jobs, ways
from tools.bench.cost import report as run_cost
from tools.bench.floor import by_hand
from tools.bench.timing import Row, table

UPDATES, ROLLBACKS = 10, 20
FEW = 2
"""How many of each, if the figures do not matter."""
ENDS_WITHIN = 120.0
"""Longest time for one run, in seconds."""
WRITTEN_WITHIN = 2.5
"""Seconds after a run's end until Prefect has saved the states of all its tasks."""
CACHE = "/application/environment/configs/cache"
VERSION = "/application/version"
VERIFICATION = ("health-check", "integration-test", "served-config", "backup-check")


class Update(NamedTuple):
    """Seconds from the request and from the start of the commit to verified; and the time of each step."""

    synced: float
    verified: float
    all: float
    phases: dict[str, float]
    steps: dict[str, float]


ALL = "failure found → verified, all together"


def report() -> str:
    """The section as Markdown; all in seconds."""
    return _measured(UPDATES, ROLLBACKS)


def small() -> str:
    """The same in one minute, to check that it works."""
    return _measured(FEW, FEW * 4)


def _measured(updates: int, rollbacks: int) -> str:
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made, serve(test_jobs()) as jobs:
        Path(made).chmod(0o711)
        with World(Path(made) / "demo", os.environ, lambda _: None) as world:
            both = [_one_of_each(world, number, updates) for number in range(updates + 1)][1:]
            _without_database(world)
            broken = _in_every_way(world, ways(jobs.url), rollbacks)
    cost = run_cost(updates)
    return "\n".join([_beside_the_floor(both), _where_it_goes(both), _steps(both), cost, _taken_back(broken)])


def _in_every_way(world: World, found: list[Way], rollbacks: int) -> dict[str, list[dict[str, float]]]:
    """The phases of each rollback, by the step that found the failure. The ways share the number of rollbacks."""
    broken: dict[str, list[dict[str, float]]] = {}
    for place, way in enumerate(found):
        prepare(world, way)
        numbers = range(place, rollbacks, len(found))
        broken[way.step] = []
        for done, number in enumerate(numbers, 1):
            _say(f"found by {way.step}: {done} of {len(numbers)}")
            broken[way.step].append(_broken(world, way.version, number))
    return broken


def _one_of_each(world: World, number: int, updates: int) -> tuple[float, Update]:
    """The first is not counted."""
    _say(f"one update and one manual change: {number} of {updates}")
    return _floor(world, number), _update(world, number)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _without_database(world: World) -> None:
    file = world.at.git.file(world.at.git.fetch(), "configs/dev/values.json")
    values = json.loads(file.data if file else b"{}")
    del values["application"]["environment"]["configs"]["database"]
    by_hand(world, json.dumps(values, indent=2).encode())


def _floor(world: World, number: int) -> float:
    """The same change as an update's, made manually."""
    file = world.at.git.file(world.at.git.fetch(), "configs/dev/values.json")
    data = file.data if file else b""
    return by_hand(world, data.rstrip() + b"\n" * (2 + number % 2))


def _update(world: World, number: int) -> Update:
    asked = world.at.clock.now()
    run = _run(world, "update", {"changes": {CACHE: {"ttl": number}}}, "COMPLETED")
    tasks, entry = _tasks(world, run), _entry(world, run)
    committed, verified = _may_commit(tasks), entry.times.verified
    steps = {name: _seconds(*tasks[name]) for name in tasks if name in VERIFICATION}
    return Update(
        synced=_seconds(committed, tasks["sync"][1]),
        verified=_seconds(committed, verified),
        all=_seconds(asked, verified),
        phases=_phases(asked, tasks, verified),
        steps=steps,
    )


def _phases(
    asked: datetime, tasks: dict[str, tuple[datetime, datetime]], verified: datetime | None
) -> dict[str, float]:
    """The phases in order, from the request to verified."""
    moments = {
        "request → the flow starts": tasks["begin"][0],
        "begin": tasks["begin"][1],
        "validate and plan": tasks["plan"][1],
        "preview (rendered by Argo CD), and the gate in parallel": _may_commit(tasks),
        "commit": tasks["commit"][1],
        "sync, until a new comparison confirms it": tasks["sync"][1],
        "verify": verified,
    }
    before = [asked, *moments.values()]
    return {
        name: _seconds(since or asked, until) for since, (name, until) in zip(before, moments.items(), strict=False)
    }


def _may_commit(tasks: dict[str, tuple[datetime, datetime]]) -> datetime:
    """The commit is prepared while Argo CD still renders the preview, and then waits for it."""
    return max(tasks["commit"][0], tasks["rendered-diff"][1])


def _broken(world: World, version: str, number: int) -> dict[str, float]:
    """Make an update that breaks dev; returns how long each phase of detection and rollback took."""
    run = _run(world, "update", {"changes": {VERSION: version, CACHE: {"ttl": 1000 + number}}}, "FAILED")
    (back,) = ask(world, "/flow_runs/filter", {"flow_runs": {"parent_flow_run_id": {"any_": [run]}}})
    tasks, verified = _tasks(world, back["id"]), _entry(world, rollback_id(run)).times.verified
    asked = datetime.fromisoformat(back["created"])
    return {
        "commit pushed → failure found": _seconds(_tasks(world, run)["commit"][1], asked),
        "failure found → revert pushed": _seconds(asked, tasks["revert-commit"][1]),
        "revert pushed → synced and healthy": _seconds(tasks["revert-commit"][1], tasks["sync"][1]),
        "synced and healthy → verified": _seconds(tasks["sync"][1], verified),
        ALL: _seconds(asked, verified),
    }


def _run(world: World, flow: str, more: dict[str, Json], ends: str) -> str:
    parameters = {"application": APPLICATION, "environment": "dev", "reason": "measured"} | more
    run = world.at.runs.create(flow, parameters)
    deadline = time.monotonic() + ENDS_WITHIN
    while not (now := world.at.runs.read(run.id)) or not now.is_over:
        if time.monotonic() > deadline:
            raise SystemExit(f"{flow}: not over after {ENDS_WITHIN:.0f} s: {now and now.message}")
        time.sleep(0.25)  # the times are read afterwards; frequent requests would slow down the server
    time.sleep(WRITTEN_WITHIN)
    if now.state != ends:
        raise SystemExit(f"{flow}: {now.state}: {now.message}")
    return run.id


def _tasks(world: World, run: str) -> dict[str, tuple[datetime, datetime]]:
    """Start and end of each task of a run, by its name."""
    moments = world.at.runs.history(run)
    return {
        each.what: (each.when, each.when + timedelta(seconds=each.took)) for each in moments if each.took is not None
    }


def ask(world: World, path: str, body: dict[str, Any]) -> Any:
    """What the world's Prefect server answers to a POST."""
    with asking(world) as asked:
        return asked(path, body)


@contextmanager
def asking(world: World) -> Iterator[Callable[[str, Any], Any]]:
    """The same, for many questions."""
    access = world.prefect.access
    with client(access.url, {}, auth=credentials(access.secret)) as http:
        yield lambda path, body: http.post(path, json=body).raise_for_status().json()


def _entry(world: World, promotion: str) -> Entry:
    world.at.git.fetch()
    return next(entry for entry in world.at.entries(APPLICATION, "dev") if entry.promotion == promotion)


def _seconds(first: datetime, last: datetime | None) -> float:
    if last is None:
        raise SystemExit("a measured run did not finish")
    return (last - first).total_seconds()


def _beside_the_floor(both: list[tuple[float, Update]]) -> str:
    floor = [by_hand for by_hand, _ in both]
    synced, verified = [update.synced for _, update in both], [update.verified for _, update in both]
    every = [update.all for _, update in both]
    lowest = statistics.median(floor)
    rows: list[Row] = [
        ("manual: commit → synced and healthy (the floor)", *_figures(floor), "1.0"),
        ("update: commit → synced and healthy", *_figures(synced), f"{statistics.median(synced) / lowest:.2f}"),
        ("update: commit → verified", *_figures(verified), f"{statistics.median(verified) / lowest:.2f}"),
        ("update: request → verified", *_figures(every), f"{statistics.median(every) / lowest:.2f}"),
    ]
    head = ("what", "p50", "p95", "times the floor")
    return f"{len(both)} of each, alternating, with the delays of a real Argo CD.\n\n{table(head, rows)}"


def _where_it_goes(both: list[tuple[float, Update]]) -> str:
    names = list(both[0][1].phases)
    rows: list[Row] = [(name, *_figures([update.phases[name] for _, update in both])) for name in names]
    return f"Where the time goes from the request to verified.\n\n{table(('phase', 'p50', 'p95'), rows)}"


def _steps(both: list[tuple[float, Update]]) -> str:
    """The time of each verification step in an update that passes."""
    names = list(both[0][1].steps)
    rows: list[Row] = [(name, *_figures([update.steps[name] for _, update in both])) for name in names]
    return f"The steps of that verification, in parallel.\n\n{table(('step', 'p50', 'p95'), rows)}"


def _taken_back(broken: dict[str, list[dict[str, float]]]) -> str:
    every = [one for of_a_step in broken.values() for one in of_a_step]
    rows: list[Row] = [(phase, *_figures([one[phase] for one in every])) for phase in every[0]]
    found, *_ = every[0]
    by_step: list[Row] = [
        (step, str(len(each)), *_figures([one[found] for one in each]), *_figures([one[ALL] for one in each]))
        for step, each in broken.items()
    ]
    head = ("found by", "number", "found, p50", "found, p95", "rolled back, p50", "rolled back, p95")
    text = f"{len(every)} updates that break dev; the verification finds it, and the rollback starts by itself."
    return f"{text}\n\n{table(('rollback', 'p50', 'p95'), rows)}\n{table(head, by_step)}"


def _figures(seconds: list[float]) -> tuple[str, str]:
    return f"{statistics.median(seconds):.2f}", f"{statistics.quantiles(seconds, n=20, method='inclusive')[-1]:.2f}"
