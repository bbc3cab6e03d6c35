"""Back to a chosen promotion from the page and the API: seen first, by a proven person, once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.examples import entry, text, values
from tests.server.world import World
from tests.services.course import Course
from tests.services.test_rollbacks_to import asks_for_a_team

FIRST, SECOND = (f"0000000{n}-2222-4222-8222-222222222222" for n in (1, 2))


def promoted(world: World, identity: str, version: str, **more: Any) -> str:
    message = f"Promote\n\nPromotion-Id: {identity}\nPromotion-Environment: prod\n"
    sha = world.lab.commit({"configs/prod/values.json": text(values("prod", version, **more))}, message)
    plain = {"environment": "prod", "promotion": identity, "version": version, "release": f"sha256:{version}"}
    world.record(entry(revision=sha, **plain))
    return sha


@pytest.fixture
def past(world: World) -> World:
    """prod had 1.4.2, then 1.4.3 with a password."""
    promoted(world, FIRST, "1.4.2")
    promoted(world, SECOND, "1.4.3", password="hunter2hunter2")
    return world


def test_the_page_shows_what_changes_and_what_is_taken_back_and_no_secret(past: World) -> None:
    shown = past.http("ada").get(f"/promotions/{FIRST}/rollback").text
    for words in ("Roll back prod to 1.4.2", "/application/version", "1.4.3", SECOND):
        assert words in shown
    assert "hunter2" not in shown


def test_the_page_and_the_api_say_what_does_not_fit_todays_schema(past: World) -> None:
    asks_for_a_team(past.lab)
    past.at.git.fetch()
    shown = past.http("ada").get(f"/promotions/{FIRST}/rollback").text
    assert "What today's checks say" in shown
    [misfit] = past.http().get(f"/api/v1/promotions/{FIRST}/rollback").json()["misfits"]
    assert "team" in misfit
    assert "Roll back prod to 1.4.2" in shown, "it stops nothing"


def test_only_what_somebody_may_want_back_has_the_way_there(past: World) -> None:
    link = f'href="/promotions/{FIRST}/rollback"'
    for path in ("/", "/history", f"/promotions/{FIRST}"):
        shown = past.http().get(path).text
        assert link in shown
        assert f"/promotions/{SECOND}/rollback" not in shown, "it is there now"
    assert past.http().get(f"/promotions/{SECOND}/rollback").status_code == 409
    assert "nothing to do" in past.http().get(f"/promotions/{SECOND}/rollback").text
    nobody = f"/promotions/{SECOND[:-1]}9/rollback"
    assert past.http().get(nobody).status_code == 404
    assert past.http().get(f"/api/v1{nobody}").status_code == 404


def test_nobody_unproven_and_no_page_elsewhere_rolls_back(past: World) -> None:
    path = f"/promotions/{FIRST}/rollback"
    api = f"/api/v1{path}"
    seen = past.http().get(api).json()["seen"]
    assert "sign in to roll back" in past.http().get(path).text
    assert past.http().post(api, json={"seen": seen}).status_code == 401
    assert past.http("stranger").post(api, json={"seen": seen}).status_code == 403
    forged = past.http("ada").post(path, data={"seen": seen}, headers={"origin": "https://evil.example"})
    assert forged.status_code == 403
    assert past.http("ada").post(path, data={}, headers={"origin": past.url}).status_code == 422
    assert past.http("ada").post(api, json={"seen": seen, "by": "eve"}).status_code == 422


def test_what_has_changed_since_it_was_shown_is_shown_again(past: World) -> None:
    api = f"/api/v1/promotions/{FIRST}/rollback"
    http = past.http("ada")
    seen = http.get(api).json()
    assert seen["took_back"] == [SECOND]
    assert [row["pointer"] for row in seen["rows"]] == [
        "/application/environment/configs/password",
        "/application/version",
    ]
    past.lab.commit({"configs/prod/values.json": text(values("prod", "1.4.4"))})
    answer = http.post(api, json={"seen": seen["seen"]})
    assert answer.status_code == 409
    assert "changed since you looked" in answer.json()["sentence"]


def test_a_person_goes_back_from_the_page_and_the_ledger_has_the_name(running: World) -> None:
    course = Course(running.lab, running.at)
    first, second = course.past("1.4.2"), course.past("1.4.3")
    http, path = running.http("ada"), f"/promotions/{first}/rollback"
    seen = running.http().get(f"/api/v1{path}").json()["seen"]
    form = {"seen": seen, "reason": "a bad day"}
    answer = http.post(path, data=form, headers={"origin": running.url})
    assert answer.status_code == 303
    run = answer.headers["location"].removeprefix("/promotions/")
    running.put(run, "COMPLETED", "Verified", course.go_on_back(run).sentence)
    (done,) = [each for each in running.lab.entries("dev") if each.promotion == run]
    assert (done.requested_by, done.proof, done.took_back) == ("ada", "server", (second,))
    assert done.outcome == "verified"
    running.at.git.fetch()
    shown = http.get(f"/promotions/{run}").text
    assert "back to 1.4.2" in shown
    assert "/application/version" in shown, "what it changed"
    assert http.post(path, data=form, headers={"origin": running.url}).status_code == 409, "pressed again"
    board = http.get("/api/v1/promotions").json()
    cell = next(each for each in board["lines"][0]["cells"] if each["environment"] == "dev")
    assert (cell["version"], cell["state"], cell["newest"]) == ("1.4.2", "verified", run)


def test_while_liftgate_json_is_broken_a_person_signs_in_and_goes_back_and_does_nothing_else(running: World) -> None:
    course, origin = Course(running.lab, running.worker), {"origin": running.url}
    first, second = course.past("1.4.2"), course.past("1.4.3")
    running.lab.commit({"liftgate.json": b"{"})
    running.at.git.fetch()
    http, path = running.http("ada"), f"/promotions/{first}/rollback"
    assert f'href="{path}"' in http.get("/history").text
    assert "Roll back to these values" in http.get(f"/promotions/{first}").text
    assert "/application/version" in http.get(path).text
    assert running.http("stranger").post(path, data={"seen": "x"}, headers=origin).status_code == 403
    seen = http.get(f"/api/v1{path}").json()["seen"]
    answer = http.post(path, data={"seen": seen, "reason": "a bad day"}, headers=origin)
    assert answer.status_code == 303, answer.text
    run = answer.headers["location"].removeprefix("/promotions/")
    done = course.go_on_back(run)
    assert (done.good, done.requested_by, done.proof, done.took_back) == (True, "ada", "server", (second,))
    running.put(run, "COMPLETED", "Verified", done.sentence)
    running.at.git.fetch()
    shown = http.get(f"/promotions/{run}").text
    assert "/application/version" in shown, "what it changed"
    assert "liftgate.json cannot be used since commit" in http.get("/").text
    asked = {"application": "example-app", "environment": "dev"}
    assert http.post("/api/v1/promotions", json={"flow": "rollback", "parameters": asked}).status_code == 201
    refused = http.post("/api/v1/promotions", json={"flow": "promote", "parameters": {"application": "example-app"}})
    assert (refused.status_code, "liftgate.json:1:1" in refused.json()["sentence"]) == (500, True)
    paused = http.post("/pause", data={"what": "pause", "reason": "x"}, headers=origin)
    assert (paused.status_code, running.at.pauses()) == (503, [])


def test_while_liftgate_json_is_broken_no_one_decides(world: World) -> None:
    run, plan = world.waiting()
    http, form = world.http("ada"), world.ballot(run, plan)
    world.lab.commit({"liftgate.json": None})
    answer = http.post(f"/api/v1/promotions/{run}/decision", json=form)
    assert (answer.status_code, world.votes(run)) == (503, [])
