"""Time to start a flow, cold and warm, on one server; and the load on that server when the worker waits for a run."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from liftgate.domain.common.installation import prefixed
from liftgate.integrations.http import client
from liftgate.integrations.runs.prefect import credentials
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import NAME, Access, PrefectServer
from liftgate.runtime.project import project_root
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker
from tools.bench.timing import Row, table

FLOW = "promote"
PROGRAM = "from tools.bench.worker_flows import bench\n\npromote = bench\n"
"""A worker runs only the flows of its installation; this is the one of the bench's."""
RUNS = 5
BUSY = 503
IDLE = 20.0


@dataclass(frozen=True)
class Way:
    """One way to start flows."""

    name: str
    warm: bool


WAYS = (Way("cold, one interpreter a run", warm=False), Way("warm, forked", warm=True))
COLUMNS = ("create to running", "running to suspended", "button to running", "button to completed")
IDLE_COLUMN = "server when idle, % of a core"


class Server:
    def __init__(self, access: Access) -> None:
        self._client = client(access.url, {}, auth=credentials(access.secret))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        while (answer := self._client.request(method, path, json=body)).status_code == BUSY:
            time.sleep(0.1)
        return answer.raise_for_status().json()

    def deploy(self, pool: str) -> str:
        flow = self.call("POST", "/flows/", {"name": FLOW})
        body = {"name": prefixed(pool, FLOW), "flow_id": flow["id"], "entrypoint": f"flows.{FLOW}.{FLOW}"}
        return str(self.call("POST", "/deployments/", body | {"work_pool_name": pool})["id"])

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
    """Medians of RUNS runs after one that does not count; then the server's CPU use while nothing runs."""
    pool = f"bench{number}"
    with Supervisor(folder / pool) as supervisor:
        settings = installation(folder / pool / "project")
        supervisor.start(Worker(folder / pool, server.access, pool, warm=way.warm, settings=settings))
        asked = Server(server.access)
        deployment = asked.deploy(pool)
        one_run(asked, deployment)
        runs = [one_run(asked, deployment) for _ in range(RUNS)]
        return [*(statistics.median(column) for column in zip(*runs, strict=True)), idle(process)]


def installation(project: Path) -> dict[str, str]:
    """The variables of a worker whose installation has the bench's flow."""
    (project / "flows").mkdir(parents=True)
    (project / "flows" / "__init__.py").touch()
    (project / "flows" / f"{FLOW}.py").write_text(PROGRAM)
    return {"LIFTGATE_HOME": str(project), "PYTHONPATH": os.pathsep.join((str(project), str(project_root())))}


def idle(process: int) -> float:
    """Percent of a core that the process used during IDLE seconds, from ten seconds after the last run."""
    time.sleep(10)
    before = cpu(process)
    time.sleep(IDLE)
    return 100 * (cpu(process) - before) / IDLE


def cpu(process: int) -> float:
    """CPU seconds since the process started, from proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def report() -> str:
    """The section of `./dev bench`, as Markdown: medians in seconds, and how many times faster the warm way is."""
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        folder = Path(made)
        folder.chmod(0o711)  # if this is root, Postgres runs as another user
        with Supervisor(folder) as supervisor:
            server = PrefectServer(folder, free_port(), durable=False)
            supervisor.start(server)
            process = supervisor.pid(NAME)
            measured = [measure(way, number, folder, server, process) for number, way in enumerate(WAYS)]
    rows: list[Row] = [(way.name, *(f"{s:.2f}" for s in found)) for way, found in zip(WAYS, measured, strict=True)]
    times = (f"{cold / warm:.1f}" for cold, warm in zip(measured[0], measured[-1], strict=True))
    rows.append(("warm, times better", *times))
    return f"Median of {RUNS} runs, in seconds.\n\n" + table(("way", *COLUMNS, IDLE_COLUMN), rows)
