"""The inputs of a run that may not begin without them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liftgate.domain.promotion.recovery_rules import HELD, NOT_STARTED
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.run import Run


def waits_for_inputs(run: Run) -> bool:
    """Also one that was given up because its maker did not come back."""
    return run.state_name in (HELD, NOT_STARTED)


def give_inputs(runs: Runs, run: Run, inputs: Callable[[Run], Mapping[str, str]]) -> None:
    """Make the inputs from the run and store them. If making them raises, the run is cancelled; unless they were
    refused, who makes the run again under the same key goes on with it."""
    try:
        made = inputs(run)
    except BaseException as error:
        why = str(error) if isinstance(error, LiftgateError) else "not started"
        name = "Cancelled" if isinstance(error, Refused) else NOT_STARTED
        runs.set_state(run.id, "CANCELLED", name, why)
        raise
    for key, value in made.items():
        runs.add_input(run.id, key, value)
