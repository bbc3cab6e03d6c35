"""Whether a process still has its run: recovery may have given it to another worker meanwhile."""

from __future__ import annotations

from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.run import Run

ITS_OWN = ("RUNNING", "PAUSED", "CANCELLING")
"""The states that a run can have while its own process works."""


def start_of(run: Run) -> int:
    """The number of the start that this process is, from what Prefect said of the run as the process began."""
    return run.count + (run.state not in ITS_OWN and not run.resuming)


def is_own(runs: Runs, run_id: str, start: int) -> bool:
    """Whether that start is still the run's current one. Raises Unavailable."""
    run = runs.read(run_id)
    return run is not None and run.state in ITS_OWN and run.count == start
