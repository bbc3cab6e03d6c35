"""What the demo's people do: ask for a promotion at the gatehouse, and press a button in Slack."""

from __future__ import annotations

from typing import Any

from liftgate.demo.world import PEOPLE, World
from liftgate.domain import signature, vote
from liftgate.domain.announcement import Place
from liftgate.integrations.http import client


def ask_for_nightly(world: World, person: str) -> str:
    """The person starts the nightly run by hand; the gatehouse's key attests who it was. The run's id."""
    at = world.at

    def inputs(run: str) -> dict[str, str]:
        request = vote.Request(run=run, person=person, at=at.clock.now())
        signed = signature.sign(vote.signable(request), at.gatehouse_key, signature.VOTES)
        return {vote.REQUEST_KEY: vote.attested(request, signed)}

    return at.runs.create("nightly", {"reason": "shown by the demo"}, inputs=inputs).id


def press(world: World, person: str, promotion: str, button: str) -> Any:
    """Press the button below the promotion's message, as that person, through Slack's own signed request."""
    place = world.at.runs.inputs(promotion, "message")["message"]
    ts = Place.model_validate_json(place).ts
    body = {"user": PEOPLE[person], "ts": ts, "action_id": button}
    with client(world.sandbox["urls"]["slack"], {}) as http:
        return http.post("/sandbox/press", json=body).raise_for_status().json()
