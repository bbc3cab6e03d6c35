"""The line is stopped and goes on by the page, and everything that waits says so."""

from __future__ import annotations

import httpx

from liftgate.integrations.git import stops
from liftgate.integrations.runs.run import Run
from tests.gatehouse.world import World


def change(world: World, person: str, **fields: str) -> httpx.Response:
    headers = {"origin": world.url} if person else {}
    return world.http(person, **headers).post("/line", data=fields)


def branches(world: World) -> list[str]:
    """As somebody else sees them in the repository."""
    mirror = world.lab.mirror("reader")
    mirror.fetch()
    return [stop.environment or "all" for stop in stops.read(mirror)]


def run_of(world: World, identity: str) -> Run:
    found = world.at.runs.read(identity)
    assert found is not None
    return found


def test_a_signed_in_person_stops_it_and_lets_it_go_on(world: World) -> None:
    assert change(world, "ada", environment="prod", reason="the database  is down", what="stop").status_code == 303
    assert branches(world) == ["prod"]
    board = world.http().get("/").text
    assert "the line is stopped (prod) by ada since" in board
    assert "the database is down" in board
    assert "Let it go on in prod" in world.http("grace").get("/line").text
    assert change(world, "grace", environment="prod", what="go on").status_code == 303
    assert branches(world) == []
    assert "Nothing is stopped." in world.http().get("/line").text


def test_stopping_twice_keeps_the_first_reason(world: World) -> None:
    change(world, "ada", reason="first", what="stop")
    assert change(world, "grace", reason="second", what="stop").status_code == 303
    world.at.git.fetch()
    (stop,) = stops.read(world.at.git)
    assert (stop.by, stop.reason, stop.environment) == ("ada", "first", "")


def test_a_stranger_and_a_page_elsewhere_change_nothing(world: World) -> None:
    assert change(world, "", reason="x", what="stop").status_code in (401, 403)
    http = world.http("ada", origin="https://elsewhere.example.com")
    assert http.post("/line", data={"reason": "x", "what": "stop"}).status_code == 403
    assert change(world, "ada", reason=" ", what="stop").status_code == 422
    assert change(world, "ada", environment="prd", reason="x", what="stop").status_code == 409
    assert branches(world) == []
    assert "<select" not in world.http().get("/line").text


def test_a_run_waits_for_it_though_it_is_approved_and_goes_on_afterwards(world: World) -> None:
    run, plan = world.waiting()
    change(world, "ada", environment="prod", reason="incident 7", what="stop")
    answer = world.http("grace").post(f"/api/v1/promotions/{run}/decision", json={"plan": plan, "decision": "approve"})
    assert "incident 7" in answer.json()["sentence"]
    assert world.sweep().once() == []
    assert world.resumes(run) == 0
    change(world, "ada", environment="prod", what="go on")
    assert [need.action for need in world.sweep().once()] == ["wake"]
    assert world.resumes(run) == 1
    assert run_of(world, run).state != "PAUSED"


def test_one_environments_stop_is_no_other_ones(world: World) -> None:
    run, plan = world.waiting()
    change(world, "ada", environment="staging", reason="incident 7", what="stop")
    world.http("grace").post(f"/api/v1/promotions/{run}/decision", json={"plan": plan, "decision": "approve"})
    assert world.resumes(run) == 1
