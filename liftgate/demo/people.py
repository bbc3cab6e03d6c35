"""What the demo's people do: start a run from Prefect's form behind the sign-in, and press a button in Slack."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from liftgate.demo.world import PEOPLE, World
from liftgate.integrations.http import client, json_of, send
from liftgate.services.notes import Notes
from liftgate.services.session import link


def start_nightly(world: World, person: str) -> str:
    """The person signs in and sends Prefect's form for the nightly run, as their browser does. Returns the run's id."""
    home = world.server.url
    with client(home, {"origin": home}) as http:
        ticket = dict(parse_qsl(urlsplit(link(world.at, person)).query))
        http.post("/sign-in", data=ticket)
        body = {"parameters": {"reason": "shown by the demo"}, "state": {"type": "SCHEDULED"}}
        path = f"/prefect/api/deployments/{world.nightly}/create_flow_run"
        answer = json_of(send(http, "the Liftgate server", "POST", path, json=body), "the Liftgate server")
        return str(answer["id"])


def nightly_form(world: World) -> str:
    """The path of Prefect's form for the nightly run, on the Liftgate server."""
    return f"/prefect/deployments/deployment/{world.nightly}/run"


def press(world: World, person: str, promotion: str, button: str) -> Any:
    """Press the button below the promotion's message as this person. Slack sends its signed request."""
    place = Notes(world.at.runs, promotion).place()
    body = {"user": PEOPLE[person], "ts": place.ts if place else "", "action_id": button}
    with client(world.sandbox["urls"]["slack"], {}) as http:
        return http.post("/sandbox/press", json=body).raise_for_status().json()
