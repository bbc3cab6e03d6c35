"""Runs one flow of this installation with Prefect's engine, without Prefect's loader.

Prefect's own program (`python -m prefect.engine`) reads the deployment and runs its pull steps in the flow's process.
Here the deployment is not read.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from uuid import UUID

from worker.programs import FLOWS, installed
from worker.skipped_requests import spare_storage
from worker.sources import STATE_ID

AHEAD = "tasks.ahead"
"""The module with the requests that a run sends while Prefect's engine starts."""
Start = Callable[[str, str], None]
"""Runs the flow of that name for the run of that id. May exit."""


def start(flow: str, run: str, flows: Mapping[str, str] = FLOWS) -> None:
    """Exits as Prefect's own program does: with 0 if the run's state says how it ended."""
    from prefect.client.orchestration import get_client
    from prefect.engine import handle_engine_signals
    from prefect.flow_engine import run_flow
    from prefect.logging.loggers import flow_run_logger

    importlib.import_module(AHEAD).look(run)
    with handle_engine_signals(UUID(run)):
        program = installed(flow, flows)
        with get_client(sync_client=True) as client:
            found = client.read_flow_run(UUID(run))
        if found.state and str(found.state.id) != os.environ.get(STATE_ID, str(found.state.id)):
            print(f"the run {run} was taken from this worker before its process started", flush=True)
            return
        # "state": with "result", a state that Prefect made could make the engine load a stored object, which is code
        run_flow(program, found, error_logger=flow_run_logger(found).logger, return_type="state")


def main() -> None:
    """A cold start: `python -m worker.engine FLOW RUN`."""
    spare_storage()
    flow, run = sys.argv[1:]
    start(flow, run)


if __name__ == "__main__":
    main()
