"""A person starts a run from the engine's own form, through the Liftgate server: the requester is proven."""

from __future__ import annotations

from liftgate.errors import Refused
from liftgate.integrations.runs.form import Wanted
from liftgate.integrations.runs.run import Run
from liftgate.services.requests import CanStart, start_as_wanted


def start_from_form(at: CanStart, person: str, deployment: str, wanted: Wanted) -> Run:
    """Raises Refused for a deployment that is not this installation's, or parameters that do not fit."""
    flow = at.runs.flow_of(deployment)
    if not flow:
        raise Refused("this deployment is not one of this Liftgate installation, so Liftgate does not start it")
    later = wanted.begin is not None and wanted.begin > at.clock.now()
    return start_as_wanted(at, person, flow, wanted if later else wanted.copy_with(begin=None))
