"""The Liftgate server and the real promotion together: a person opens a gate, and what died at it goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack.model import Message
from sandbox_tests.plain import eventually

from liftgate.server.app import application
from liftgate.services.recovery import Recovery
from liftgate.wiring import Integrations
from tests.examples import text
from tests.flows.conftest import lab
from tests.integrations.runs.engines import RealPrefect
from tests.lab import Lab, configured, settings_of
from tests.server.world import Late, World

__all__ = ["lab"]
pytestmark = pytest.mark.prefect


@pytest.fixture
def world(lab: Lab) -> Iterator[World]:
    late = Late()
    with serve(late) as served:
        lab.variables["LIFTGATE_SERVER__URL"] = served.url
        lab.deploy()
        at = Integrations(settings_of(lab))
        late.app = application(at)
        lab.town.slack.store.change(interactivity_url=f"{served.url}/slack/interactions")
        yield World(lab, at, at, served.url, late.app, RealPrefect(lab.prefect))


def start(world: World) -> str:
    """rosa starts the release over the API; the run that waits at dev, which asks here for what prod asks for."""
    policy = {"dev": {"deliver": "pull-request", "approvals": {"needed": 1}}, "staging": {"start": "manual"}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    body = {"flow": "promote", "parameters": {"application": "example-app", "to": "dev"}}
    answer = world.http("rosa").post("/api/v1/promotions", json=body)
    assert answer.status_code == 201, answer.text
    return world.lab.at_gate("dev")


def test_a_button_in_slack_opens_the_gate_also_of_a_run_that_crashed_there(world: World) -> None:
    run = start(world)
    world.at.git.fetch()
    (asked,) = [m for m in messages(world) if any(b["type"] == "actions" for b in m.blocks)]
    page = world.http("ada")

    def shows_the_plan() -> bool:
        shown = page.get(f"/promotions/{run}").text
        return "Approve" in shown and "/application/version" in shown

    assert eventually(shows_the_plan, within=60)
    assert "needs 1 approval" in world.board()
    state = {"state": {"type": "CRASHED", "message": "by the test"}, "force": True}
    world.lab.prefect.call("POST", f"/flow_runs/{run}/set_state", state)
    assert Recovery(world.at).look(world.read(run)).action == "go on"
    assert world.lab.at_gate("dev") == run
    world.lab.town.slack.press("rosa", asked.ts, "approve")
    world.lab.town.slack.press("grace", asked.ts, "approve")
    assert world.lab.ended(run)["name"] == "Promoted"
    (entry,) = world.lab.entries("dev")
    assert (entry.requested_by, entry.proof, entry.approved_by) == ("rosa", "server", ("grace",))
    world.at.git.fetch()
    after = world.http().get(f"/promotions/{run}").text
    assert "Approved by grace." in after
    assert "json-lint" in after


def messages(world: World) -> list[Message]:
    return list(world.lab.town.slack.store.state.messages)
