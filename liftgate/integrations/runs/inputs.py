"""The inputs of a run that may not begin without them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liftgate.errors import LiftgateError
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.run import Run


def give_inputs(runs: Runs, run: Run, inputs: Callable[[Run], Mapping[str, str]]) -> None:
    """Make the inputs from the run and store them. If making them raises, the run is cancelled."""
    try:
        made = inputs(run)
    except BaseException as error:
        why = str(error) if isinstance(error, LiftgateError) else "not started"
        runs.set_state(run.id, "CANCELLED", "Cancelled", why)
        raise
    for key, value in made.items():
        runs.add_input(run.id, key, value)
