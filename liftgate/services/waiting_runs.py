"""Runs that wait for a decision: at which gate, and for which environment."""

from __future__ import annotations

from liftgate.domain.promotion.run_request import as_stored
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.runs.run import Run
from liftgate.services.known_names import check_known


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
    """Why there is no such application or environment any more; empty while there is, or while a values file that
    cannot be read may be its own. Raises Misconfigured."""
    asked = as_stored(run.flow, run.parameters)
    if tree.nameless:
        return ""
    try:
        check_known(tree, asked.application, asked.environment)
    except Refused as error:
        return str(error)
    return ""
