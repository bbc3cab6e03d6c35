"""Runs that wait for a decision: at which gate, and for which environment."""

from __future__ import annotations

from liftgate.domain.promotion.run_request import as_stored
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.run import Run


def gate_of(run: Run) -> str:
    """The name of the gate the run waits at; empty when it waits at none."""
    return run.pause_key.rpartition("-")[0] if run.state == "PAUSED" and run.pause_key.startswith("gate-") else ""


def closed(run: Run) -> str:
    """Why the run waits for no decision; empty when it waits for one."""
    if gate_of(run):
        return ""
    state = run.message if run.is_over and run.message else run.state_name.lower()
    return f"{run.name} waits for no decision: {state}"


def environment_of(run: Run) -> str:
    return as_stored(run.flow, run.parameters).environment


def place_gone(tree: ConfigSnapshot, run: Run) -> str:
    """Why the run's environment is none any more; empty while it is one. Raises Misconfigured."""
    try:
        tree.environment(environment_of(run))
    except Refused as error:
        return str(error)
    return ""
