"""Starts a run as a proven person: the run has that person's name, signed, before it begins."""

from __future__ import annotations

from collections.abc import Mapping

from liftgate.domain import plain, signature, vote
from liftgate.domain.value import Json
from liftgate.integrations.runs.run import Run
from liftgate.wiring import Integrations


def start_as(at: Integrations, person: str, flow: str, parameters: Mapping[str, Json]) -> Run:
    """Raises Refused when the parameters do not fit, Unavailable, Misconfigured."""
    plain.check(parameters)
    return at.runs.create(flow, parameters, inputs=lambda run_id: {vote.REQUEST_KEY: _attested(at, run_id, person)})


def _attested(at: Integrations, run_id: str, person: str) -> str:
    request = vote.Request(run=run_id, person=person, at=at.clock.now())
    return vote.attested(request, signature.sign(vote.signable(request), at.gatehouse_key, signature.VOTES))
