"""What the demo's people do: ask for a promotion at the gatehouse, and press a button in Slack."""

from __future__ import annotations

from typing import Any

from liftgate.demo.world import PEOPLE, World
from liftgate.integrations.http import client
from liftgate.services.notes import Notes
from liftgate.services.requests import start_as


def ask_for_nightly(world: World, person: str) -> str:
    """The person starts the nightly run by hand; the gatehouse's key attests who it was. The run's id."""
    return start_as(world.at, person, "nightly", {"reason": "shown by the demo"}).id


def press(world: World, person: str, promotion: str, button: str) -> Any:
    """Press the button below the promotion's message, as that person, through Slack's own signed request."""
    place = Notes(world.at.runs, promotion).place()
    body = {"user": PEOPLE[person], "ts": place.ts if place else "", "action_id": button}
    with client(world.sandbox["urls"]["slack"], {}) as http:
        return http.post("/sandbox/press", json=body).raise_for_status().json()
