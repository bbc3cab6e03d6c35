"""The Prefect server of one test run: a process that lives as long as the test run that asked for it."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

from liftgate.runtime import record
from liftgate.runtime.ports import free_port
from liftgate.runtime.prefect_server import PrefectServer
from liftgate.runtime.supervisor import Supervisor
from liftgate.runtime.worker import Worker

POOL = "test"
NAME = "host"
SETTINGS = {"PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "1"}


def main(folder: Path, test_run: int) -> None:
    """Serve until the process `test_run` is gone, then leave nothing behind."""
    began = record.born(test_run)
    with Supervisor(folder, lambda line: print(line, flush=True)) as supervisor:
        server = PrefectServer(folder, free_port(), durable=False, settings=SETTINGS)
        supervisor.start(server)
        supervisor.start(Worker(folder, server.access, POOL))
        record.write(folder, NAME, supervisor.pid("prefect-server"), {"api_url": server.api_url, "pool": POOL})
        while record.born(test_run) == began and supervisor.ended() is None:
            time.sleep(0.2)
    if supervisor.ended() is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
