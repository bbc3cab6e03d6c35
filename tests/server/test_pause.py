"""Promotions are paused and resumed by the page, and everything that waits says so."""

from __future__ import annotations

import httpx

from liftgate.integrations.ledger import pause_files
from liftgate.integrations.runs.run import Run
from tests.server.world import World


def change(world: World, person: str, **fields: str) -> httpx.Response:
    headers = {"origin": world.url} if person else {}
    return world.http(person, **headers).post("/pause", data=fields)


def branches(world: World) -> list[str]:
    """As another person sees them in the repository."""
    return [pause.environment or "all" for pause in pause_files.read_pauses(world.lab.remote, world.at.latest.signers)]


def run_of(world: World, identity: str) -> Run:
    found = world.at.runs.read(identity)
    assert found is not None
    return found


def test_a_signed_in_person_pauses_and_resumes(world: World) -> None:
    assert change(world, "ada", environment="prod", reason="the database  is down", what="pause").status_code == 303
    assert branches(world) == ["prod"]
    board = world.board()
    assert "promotions to prod are paused by ada since" in board
    assert "the database is down" in board
    assert "Resume promotions to prod" in world.http("grace").get("/pause").text
    assert change(world, "grace", environment="prod", what="resume").status_code == 303
    assert branches(world) == []
    assert "Nothing is paused." in world.http().get("/pause").text


def test_pausing_twice_keeps_the_first_reason(world: World) -> None:
    change(world, "ada", reason="first", what="pause")
    assert change(world, "grace", reason="second", what="pause").status_code == 303
    world.at.git.fetch()
    (pause,) = world.at.pauses()
    assert (pause.by, pause.reason, pause.environment) == ("ada", "first", "")


def test_a_stranger_and_a_page_elsewhere_change_nothing(world: World) -> None:
    assert change(world, "", reason="x", what="pause").status_code in (401, 403)
    http = world.http("ada", origin="https://elsewhere.example.com")
    assert http.post("/pause", data={"reason": "x", "what": "pause"}).status_code == 403
    assert change(world, "ada", reason=" ", what="pause").status_code == 422
    assert change(world, "ada", environment="prd", reason="x", what="pause").status_code == 409
    assert branches(world) == []
    assert "<select" not in world.http().get("/pause").text


def test_a_run_waits_for_it_though_it_is_approved_and_goes_on_afterwards(world: World) -> None:
    run, plan = world.waiting()
    change(world, "ada", environment="prod", reason="incident 7", what="pause")
    answer = world.http("grace").post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
    assert "incident 7" in answer.json()["sentence"]
    assert world.recovery().once() == []
    assert world.resumes(run) == 0
    change(world, "ada", environment="prod", what="resume")
    assert [need.action for need in world.recovery().once()] == ["wake"]
    assert world.resumes(run) == 1
    assert run_of(world, run).state != "PAUSED"


def test_a_pause_of_one_environment_is_none_of_another(world: World) -> None:
    run, plan = world.waiting()
    change(world, "ada", environment="staging", reason="incident 7", what="pause")
    world.http("grace").post(f"/api/v1/promotions/{run}/decision", json=world.ballot(run, plan))
    assert world.resumes(run) == 1
