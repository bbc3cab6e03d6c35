"""Control characters are refused at every entrance of the Liftgate server, with one sentence, and nothing is
written."""

from __future__ import annotations

from tests.server.world import World

SAID = "reason: character 4 is a control character (U+001E); write plain text"
BAD = "why\x1enot"


def test_every_entrance_refuses_them(world: World) -> None:
    run, plan = world.waiting()
    http = world.http("ada", origin=world.url)
    page = http.post("/pause", data={"reason": BAD, "what": "pause"})
    assert (page.status_code, SAID in page.text) == (409, True)
    decided = http.post(f"/promotions/{run}/decision", data=world.ballot(run, plan, reason=BAD))
    assert (decided.status_code, SAID in decided.text) == (409, True)
    api = f"/api/v1/promotions/{run}/decision"
    answer = http.post(api, json=world.ballot(run, plan, reason=BAD))
    assert (answer.status_code, SAID in answer.json()["sentence"]) == (409, True)
    place = {"application": "example-app", "environment": "dev"}
    for parameters in (place | {"reason": BAD, "changes": {}}, place | {"changes": {"/a\x1eb": 1}}):
        started = http.post("/api/v1/promotions", json={"flow": "update", "parameters": parameters})
        assert started.status_code == 409
        assert "is a control character (U+001E)" in started.json()["sentence"]
    assert world.votes(run) == []
    world.at.git.fetch()
    assert world.at.pauses() == []


def test_an_id_that_is_no_text_is_no_promotion(world: World) -> None:
    assert world.http().get("/api/v1/promotions/%00").status_code < 500
    assert world.http().get("/promotions/%00").status_code < 500
