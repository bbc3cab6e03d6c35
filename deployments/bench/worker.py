"""What starting a flow costs, cold and warm, side by side on one server; and what waiting for one costs that server."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from deployments.bench.timing import Row, table
from liftgate.integrations.http import client
from liftgate.integrations.runs.prefect import credentials
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import NAME, Access, PrefectServer
from liftgate.runtime.project import project_root
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker

FLOW = "deployments.bench.worker_flows.bench"
RUNS = 5
BUSY = 503
IDLE = 20.0
OFTEN = {"PREFECT_WORKER_QUERY_SECONDS": "0.25"}
"""How often a worker that nothing wakes has to look so that people do not wait for it."""
ONE_INTERPRETER = {"command": f"{sys.executable} -m prefect.engine"}


@dataclass(frozen=True)
class Way:
    """One way to start flows."""

    name: str
    warm: bool
    job: dict[str, str]


WAYS = (
    Way("cold, Prefect's process worker", warm=False, job={}),
    Way("cold, one interpreter a run", warm=False, job=ONE_INTERPRETER),
    Way("warm, forked", warm=True, job={}),
)
COLUMNS = ("create to running", "running to suspended", "button to running", "button to completed")
IDLE_COLUMN = "server when idle, % of a core"


class Server:
    def __init__(self, access: Access) -> None:
        self._client = client(access.url, {}, auth=credentials(access.secret))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        while (answer := self._client.request(method, path, json=body)).status_code == BUSY:
            time.sleep(0.1)
        return answer.raise_for_status().json()

    def deploy(self, way: Way, pool: str) -> str:
        flow = self.call("POST", "/flows/", {"name": "bench"})
        step = {"prefect.deployments.steps.set_working_directory": {"directory": str(project_root())}}
        body = {"name": way.name, "flow_id": flow["id"], "entrypoint": FLOW, "work_pool_name": pool}
        return str(self.call("POST", "/deployments/", body | {"pull_steps": [step], "job_variables": way.job})["id"])

    def wait_for(self, run: str, state: str) -> None:
        while (found := self.call("GET", f"/flow_runs/{run}")["state"])["name"] != state:
            if found["type"] in ("FAILED", "CRASHED"):
                raise SystemExit(f"a run of the bench ended {found['name']}: {found['message']}")
            time.sleep(0.02)

    def history(self, run: str) -> dict[str, list[float]]:
        """When each state was entered, by its name, in seconds."""
        entered: dict[str, list[float]] = {}
        for state in self.call("GET", f"/flow_run_states/?flow_run_id={run}"):
            entered.setdefault(state["name"], []).append(datetime.fromisoformat(state["timestamp"]).timestamp())
        return {name: sorted(moments) for name, moments in entered.items()}


def one_run(server: Server, deployment: str) -> tuple[float, float, float, float]:
    """Seconds for each of COLUMNS."""
    created = time.time()
    run = server.call("POST", f"/deployments/{deployment}/create_flow_run", {})["id"]
    server.wait_for(run, "Suspended")
    pressed = time.time()
    while server.call("POST", f"/flow_runs/{run}/resume", {"run_input": {"approved": True}})["status"] != "ACCEPT":
        pressed = time.time()
    server.wait_for(run, "Completed")
    at = server.history(run)
    first, second = at["Running"]
    return first - created, at["Suspended"][0] - first, second - pressed, at["Completed"][0] - pressed


def measure(way: Way, number: int, folder: Path, server: PrefectServer, process: int) -> list[float]:
    """Medians of RUNS runs, one run before them does not count; then the server's CPU while nothing runs."""
    pool = f"bench-{number}"
    with Supervisor(folder / pool) as supervisor:
        settings = {} if way.warm else OFTEN
        supervisor.start(Worker(folder / pool, server.access, pool, warm=way.warm, settings=settings))
        asked = Server(server.access)
        deployment = asked.deploy(way, pool)
        one_run(asked, deployment)
        runs = [one_run(asked, deployment) for _ in range(RUNS)]
        return [*(statistics.median(column) for column in zip(*runs, strict=True)), idle(process)]


def idle(process: int) -> float:
    """Per cent of a core that it used for IDLE seconds, from ten seconds after the last run."""
    time.sleep(10)
    before = _cpu(process)
    time.sleep(IDLE)
    return 100 * (_cpu(process) - before) / IDLE


def _cpu(process: int) -> float:
    """Seconds since its start, from proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report() -> str:
    """The section of `./dev bench`, as Markdown: medians in seconds, and how often the warm way fits into the cold."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # Postgres is another user when this is root
        with Supervisor(folder) as supervisor:
            server = PrefectServer(folder, free_port(), durable=False)
            supervisor.start(server)
            process = supervisor.pid(NAME)
            measured = [measure(way, number, folder, server, process) for number, way in enumerate(WAYS)]
    rows: list[Row] = [(way.name, *(f"{s:.2f}" for s in found)) for way, found in zip(WAYS, measured, strict=True)]
    times = (f"{cold / warm:.1f}" for cold, warm in zip(measured[0], measured[-1], strict=True))
    rows.append(("warm, times better", *times))
    how = "The cold ways poll four times a second; the warm one is woken by Prefect's events and polls once a second."
    return f"Median of {RUNS} runs, in seconds.\n{how}\n\n" + table(("way", *COLUMNS, IDLE_COLUMN), rows)
