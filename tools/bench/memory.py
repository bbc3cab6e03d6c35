"""How the memory of a worker grows with the runs that it had, and that of the Liftgate server with its requests."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from liftgate.integrations.http import client
from liftgate.runtime.liftgate_server import LiftgateServer
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import PrefectServer
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from tools.bench.timing import Row, table
from tools.bench.worker import Server

POOL = "memory"
RUNS, REQUESTS = 1000, 10_000
AT_ONCE = 20
POINTS = 20
"""How often the memory is read."""
PATHS = ("/healthz", "/sign-in", "/assets/style.css", "/api/v1/openapi.json", "/nothing")
"""Of a server without a repository: what a sender that has proven nothing can ask for."""


class Growth(NamedTuple):
    name: str
    number: int
    first: float
    last: float
    slope: float
    """Kilobytes for each run or request, over the second half: before that, caches fill."""


class MemoryWorker(Worker):
    module = "tools.bench.memory_program"


def resident(process: int) -> int:
    """Kilobytes, from proc(5)."""
    fields = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def growth(name: str, process: int, number: int, step: Callable[[int], None]) -> Growth:
    """Of a process while `step` does a part of that number, POINTS times."""
    step(number // POINTS)
    seen = [(0, resident(process))]
    for _ in range(POINTS):
        step(number // POINTS)
        seen.append((seen[-1][0] + number // POINTS, resident(process)))
    half = seen[len(seen) // 2 :]
    slope, _ = statistics.linear_regression([done for done, _ in half], [size for _, size in half])
    return Growth(name, number, seen[0][1], seen[-1][1], slope)


def of_worker(folder: Path, number: int) -> Growth:
    with Supervisor(folder) as supervisor:
        prefect = PrefectServer(folder, free_port(), durable=False)
        supervisor.start(prefect)
        supervisor.start(MemoryWorker(folder / "worker", prefect.access, POOL))
        server = Server(prefect.access)
        deployment = server.deploy(POOL)

        def runs(part: int) -> None:
            """A few at a time, as a herd they would only wait."""
            for begin in range(0, part, AT_ONCE):
                path = f"/deployments/{deployment}/create_flow_run"
                made = [server.call("POST", path, {})["id"] for _ in range(min(AT_ONCE, part - begin))]
                for run in made:
                    while server.call("GET", f"/flow_runs/{run}")["state"]["type"] != "CRASHED":
                        time.sleep(0.05)

        return growth("worker: runs", supervisor.pid("worker"), number, runs)


def of_server(folder: Path, number: int) -> Growth:
    with serving(folder) as (url, process), client(url, {}) as http:

        def requests(part: int) -> None:
            for one in range(part):
                http.get(PATHS[one % len(PATHS)])

        return growth("Liftgate server: requests", process, number, requests)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """A Liftgate server's address and process."""
    variables = {
        "PATH": os.environ.get("PATH", ""),
        "LIFTGATE_REPOSITORY__URL": str(folder / "no-repository"),
        "LIFTGATE_PREFECT__API_URL": "http://127.0.0.1:9/api",
        "LIFTGATE_STATE": str(folder / "state"),
    }
    with Supervisor(folder) as supervisor:
        server = LiftgateServer(folder, free_port(), variables)
        supervisor.start(server)
        yield server.url, supervisor.pid("server")


def report(runs: int = RUNS, requests: int = REQUESTS) -> str:
    """The section of `./dev bench`, as Markdown."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # if this is root, Postgres runs as another user
        found = [of_server(folder / "server", requests), of_worker(folder, runs)]
    rows: list[Row] = [
        (each.name, f"{each.number:,}", f"{each.first / 1024:.0f}", f"{each.last / 1024:.0f}", f"{each.slope:.2f}")
        for each in reversed(found)
    ]
    head = ("process", "number", "MB before", "MB after", "kB for each, in the second half")
    return f"Each run's process ends at once; the worker is the real one.\n\n{table(head, rows)}"


def small() -> str:
    return report(runs=40, requests=200)


if __name__ == "__main__":
    print(small() if "--small" in sys.argv else report())
