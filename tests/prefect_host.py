"""A Prefect server, or a worker on one, as a process that lives as long as the test run that asked for it."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from liftgate.runtime import prefect_secret, record
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import Access, PrefectServer
from liftgate.runtime.supervisor import Supervisor
from tests.worker_program import LabWorker

SERVER, WORKER = "server", "worker"
IDLE = ("CLEANUP_RECONCILER", "LATE_RUNS", "REPOSSESSOR", "TRIGGERS")
"""Services of Prefect that no test looks at; each wakes every few seconds. Without them an idle server uses 2 % of a
processor, with them 6 %."""
POLLS = {"PREFECT_WORKER_QUERY_SECONDS": "30"}
"""Of the worker, which events wake: a look costs the server as much as five answers about a run."""
SETTINGS = {f"PREFECT_SERVER_SERVICES_{service}_ENABLED": "false" for service in IDLE}


def main(what: str, folder: Path, test_run: int, arguments: Sequence[str]) -> None:
    """Serve until the process `test_run` is gone, then leave nothing behind."""
    began = record.born(test_run)
    with Supervisor(folder, lambda line: print(line, flush=True)) as supervisor:
        start_server(supervisor, folder) if what == SERVER else start_worker(supervisor, folder, *arguments)
        while record.born(test_run) == began and supervisor.ended() is None:
            time.sleep(1.0)
    if supervisor.ended() is None:
        shutil.rmtree(folder, ignore_errors=True)


def start_server(supervisor: Supervisor, folder: Path) -> None:
    server = PrefectServer(folder, free_port(), durable=False, settings=SETTINGS)
    supervisor.start(server)
    record.write_record(folder, SERVER, supervisor.pid("prefect-server"), {"api_url": server.api_url})


def start_worker(supervisor: Supervisor, folder: Path, pool: str, api_url: str, secret_in: str) -> None:
    access = Access(api_url, prefect_secret.read_secret(Path(secret_in)))
    supervisor.start(LabWorker(folder, access, pool, settings=POLLS))
    record.write_record(folder, WORKER, supervisor.pid("worker"), {"pool": pool})


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
