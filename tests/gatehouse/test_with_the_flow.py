"""The gatehouse and the real promotion together: a person opens prod's gate, and what dies at it goes on."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest

from liftgate.gatehouse.app import application
from liftgate.integrations.git import stops
from liftgate.integrations.runs.run import Run
from liftgate.sandbox.serve import serve
from liftgate.sandbox.slack.model import Message
from liftgate.sandbox.town import PROJECT, token_of
from liftgate.services.recovery import Sweep
from liftgate.wiring import Integrations
from tests.examples import NOW, text
from tests.flows.conftest import lab
from tests.gatehouse.world import Late, World, wait_until
from tests.integrations.conftest import AUTHOR
from tests.integrations.runs.engines import RealPrefect
from tests.lab import Lab, configured, settings_of
from tests.plain import http

__all__ = ["lab"]
pytestmark = pytest.mark.prefect


@pytest.fixture
def world(lab: Lab) -> Iterator[World]:
    late = Late()
    with serve(late) as served:
        lab.variables["LIFTGATE_GATEHOUSE__URL"] = served.url
        lab.deploy()
        at = Integrations(settings_of(lab))
        late.app = application(at)
        lab.town.slack.store.change(interactivity_url=f"{served.url}/slack/interactions")
        yield World(lab, at, served.url, late.app, RealPrefect(lab.prefect))


def start(world: World) -> str:
    """rosa starts the release over the API; the run that waits at prod."""
    body = {"flow": "promote", "parameters": {"application": "example-app", "to": "dev"}}
    answer = world.http("rosa").post("/api/v1/promotions", json=body)
    assert answer.status_code == 201, answer.text
    return world.lab.at_gate("prod")


def run_of(world: World, identity: str) -> Run:
    run = world.at.runs.read(identity)
    assert run is not None
    return run


def test_a_button_in_slack_brings_a_release_to_prod_and_the_pages_show_it(world: World) -> None:
    run = start(world)
    wait_until(lambda: any(b["type"] == "actions" for m in messages(world) for b in m.blocks), within=20)
    ts = next(m.ts for m in messages(world) if any(b["type"] == "actions" for b in m.blocks))
    shown = world.http("ada").get(f"/promotions/{run}").text
    assert "Approve" in shown
    assert "/application/version" in shown
    assert "waits for 1 approval" in world.http().get("/").text
    world.lab.town.slack.press("rosa", ts, "approve")
    world.lab.town.slack.press("grace", ts, "approve")
    assert world.lab.ended(run)["name"] == "Promoted"
    (entry,) = world.lab.entries("prod")
    assert (entry.requested_by, entry.proof, entry.approved_by) == ("rosa", "gatehouse", ("grace",))
    world.at.git.fetch()
    after = world.http().get(f"/promotions/{run}").text
    assert "promoted, approved by grace" in after
    assert "json-lint" in after


def test_what_waits_for_a_sync_window_or_soaks_holds_no_process_and_goes_on_by_itself(world: World) -> None:
    """Nobody waits an hour here: the window is taken away, and that it must soak is taken out of the policy."""
    lab = world.lab
    policy = {"staging": {"soak": "1h"}, "prod": {"start": "manual"}}
    lab.commit({"liftgate.json": text(configured(lab, policy=policy))})
    project = lab.town.argocd.state.projects[PROJECT]["spec"]
    project["syncWindows"] = [{"kind": "deny", "schedule": "* * * * *", "duration": "1h", "applications": ["*"]}]
    head = lab.commits()[0].sha
    lab.start("promote", application="example-app", to="dev")
    run = lab.at_gate("dev")
    closed = "Argo CD's sync window keeps example-app-dev closed"
    assert closed in html.unescape(world.http().get(f"/promotions/{run}").text)
    assert lab.commits()[0].sha == head
    world.at.git.fetch()
    assert Sweep(world.at).look(run_of(world, run)).action == "leave alone", "the window is closed"
    project["syncWindows"] = []
    later = Integrations(world.at.settings)
    later.git.fetch()
    assert Sweep(later).look(run_of(world, run)).action == "wake"
    run = lab.at_gate("staging")
    world.at.git.fetch()
    assert "soaks until" in world.http().get(f"/promotions/{run}").text
    world.at.git.fetch()
    sweep = Sweep(world.at)
    assert sweep.look(run_of(world, run)).action == "leave alone", "it is too early"
    lab.commit({"liftgate.json": text(configured(lab, policy=policy | {"staging": {}}))})
    world.at.git.fetch()
    assert sweep.look(run_of(world, run)).action == "wake"
    assert lab.ended(run)["name"] == "Promoted"


def test_what_was_approved_is_not_committed_while_the_line_is_stopped(world: World) -> None:
    lab, run = world.lab, start(world)
    stops.put(lab.mirror("somebody"), "prod", "incident 7", AUTHOR, NOW)
    lab.vote(run, "ada")
    lab.wake(run)
    lab.suspended_again(run)
    world.at.git.fetch()
    assert "incident 7" in world.http().get(f"/promotions/{run}").text
    assert lab.entries("prod") == []
    stops.take_away(lab.mirror("somebody"), "prod")
    sweep = Sweep(world.at)
    world.at.git.fetch()
    assert sweep.look(run_of(world, run)).action == "wake"
    assert lab.ended(run)["name"] == "Promoted"


def test_a_review_of_the_pull_request_brings_it_to_prod(world: World) -> None:
    run = start(world)
    pull = world.at.forge.find(f"liftgate/promotions/{run}", "main")
    assert pull is not None
    url = f"{world.at.settings.forge.url}/repos/shop/config/pulls/{pull.number}/reviews"
    signed = {"Authorization": f"Bearer {token_of('grace')}"}
    http.post(url, json={"event": "APPROVE"}, headers=signed).raise_for_status()
    Sweep(world.at).look(run_of(world, run))
    assert world.lab.ended(run)["name"] == "Promoted"
    (entry,) = world.lab.entries("prod")
    assert entry.approved_by == ("grace",)
    world.at.git.fetch()
    assert "in the pull request" in world.http().get(f"/promotions/{run}").text


def test_a_run_that_crashed_at_its_gate_waits_there_again(world: World) -> None:
    run = start(world)
    state = {"state": {"type": "CRASHED", "message": "by the test"}, "force": True}
    world.lab.prefect.call("POST", f"/flow_runs/{run}/set_state", state)
    assert Sweep(world.at).look(run_of(world, run)).action == "go on"
    assert world.lab.at_gate("prod") == run
    http, plan = world.http("ada"), world.lab.digest(run)
    answer = http.post(f"/api/v1/promotions/{run}/decision", json={"plan": plan, "decision": "approve"})
    assert answer.status_code == 200, answer.text
    assert world.lab.ended(run)["name"] == "Promoted"


def messages(world: World) -> list[Message]:
    return list(world.lab.town.slack.store.state.messages)
