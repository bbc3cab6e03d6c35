"""What one run costs: requests to Prefect, and seconds of processor time of its server and of the flow's processes."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from liftgate.demo.repository import APPLICATION
from liftgate.demo.world import World
from liftgate.domain.common.value import Json
from liftgate.runtime import record
from liftgate.runtime.prefect_server import NAME, Access
from tools.bench.counted import Counted, counted
from tools.bench.timing import Row, table
from tools.bench.worker import cpu

if TYPE_CHECKING:
    from collections.abc import Iterator

IDLE = 30.0
"""Seconds in which the server's use without a run is measured. It is subtracted: on a busy machine, where a run takes
long, that makes the figure of the server uncertain."""
ENDS_WITHIN, REPORTED_WITHIN = 240.0, 4.0
"""Longest time in seconds for a run's outcome, and from there until Prefect has everything of the run."""
EVERY = 0.02
"""Seconds between two looks at the processes; a run's processor time after the last one is not counted."""


def report(runs: int) -> str:
    """As Markdown: for each of `runs` updates, after one that does not count."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made, ExitStack() as stack:
        Path(made).chmod(0o711)
        ways: list[Counted] = []

        def through(access: Access) -> Access:
            ways.append(stack.enter_context(counted(access.url)))
            return replace(access, url=ways[0].url)

        with World(Path(made) / "demo", os.environ, lambda _: None, way=through) as world:
            _update(world, 0)
            return _measured(world, ways[0], runs)


def _update(world: World, number: int) -> None:
    """Until it has ended. The ledger shows that, without a request to Prefect."""
    print(f"the cost of update {number}", file=sys.stderr, flush=True)
    changes: dict[str, Json] = {"/application/environment/configs/cache": {"ttl": number}}
    parameters: dict[str, Json] = {"application": APPLICATION, "environment": "dev", "changes": changes}
    run = world.at.runs.create("update", parameters)
    deadline = time.monotonic() + ENDS_WITHIN
    while all(entry.promotion != run.id for entry in world.at.entries(APPLICATION, "dev")):
        if time.monotonic() > deadline:
            raise SystemExit(f"no outcome after {ENDS_WITHIN:.0f} s")
        time.sleep(0.5)
        world.at.git.fetch()
    time.sleep(REPORTED_WITHIN)


def _measured(world: World, way: Counted, runs: int) -> str:
    server, worker = _pid(world, NAME), _pid(world, "worker")
    idle = _used(server, lambda: time.sleep(IDLE)) / IDLE
    way.forget()
    began = time.monotonic()

    def all_runs() -> None:
        for number in range(1, runs + 1):
            _update(world, number)

    with flow_processes(worker) as used:
        seconds = _used(server, all_runs) - idle * (time.monotonic() - began)
    rows: list[Row] = [
        ("requests to Prefect, without polls", f"{way.without_polls / runs:.0f}"),
        ("messages with events", f"{way.messages['/events/in'] / runs:.0f}"),
        ("processor seconds of Prefect's server", f"{seconds / runs:.2f}"),
        ("the same without a run, in a second", f"{idle:.3f}"),
        ("processor seconds of the flow and what it starts", f"{sum(used.values()) / runs:.2f}"),
    ]
    return f"What an update costs; the mean of {runs}.\n\n{table(('what', 'for each run'), rows)}"


def _pid(world: World, program: str) -> int:
    found = record.read_record(world.folder, program)
    if found is None:
        raise SystemExit(f"{program} does not run")
    return found.pid


def _used(process: int, act: Callable[[], object]) -> float:
    """Its processor seconds meanwhile."""
    before = cpu(process)
    act()
    return cpu(process) - before


@contextmanager
def flow_processes(worker: int) -> Iterator[dict[int, float]]:
    """The processor seconds of each process below the worker that starts meanwhile; complete at the end."""
    used: dict[int, float] = {}
    before, over = set(_below(worker)), threading.Event()

    def look() -> None:
        while not over.wait(EVERY):
            for process in _below(worker):
                if process not in before:
                    try:
                        used[process] = cpu(process)
                    except OSError:  # it has just ended
                        continue

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield used
    over.set()
    thread.join()


def _below(top: int) -> list[int]:
    """The process's descendants."""
    children = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            except OSError:
                continue
            children[int(parent)].append(int(folder.name))
    found, todo = [], [top]
    while todo:
        todo += (more := children[todo.pop()])
        found += more
    return found
