"""A session ends when it should, and only the configured address is our own."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.town import CHANNEL
from sandbox_tests.plain import http

from liftgate.server import slack
from liftgate.server.app import application
from liftgate.services import session
from liftgate.services.session import Session
from tests.examples import text
from tests.lab import configured
from tests.server.conftest import world
from tests.server.world import World, server_world

__all__ = ["world"]
PLACE = "1700000000.000100"


def cookie_of(client: httpx.Client) -> dict[str, str]:
    """The session cookie as a thief copies it."""
    return {"cookie": "; ".join(f"{each.name}={each.value}" for each in client.cookies.jar)}


def decide(world: World, run: str, plan: str, **headers: str) -> int:
    body = world.ballot(run, plan)
    given = {"origin": world.url} | headers
    return http.post(f"{world.url}/api/v1/promotions/{run}/decision", json=body, headers=given).status_code


def test_a_copied_cookie_is_worth_nothing_after_sign_out(world: World) -> None:
    run, plan = world.waiting()
    ada = world.http("ada")
    copied = cookie_of(ada)
    assert ada.post("/sign-out", headers={"origin": world.url}).status_code == 303
    assert decide(world, run, plan, **copied) == 401
    assert "Sign out" not in http.get(f"{world.url}/", headers=copied).text
    assert world.votes(run) == []


def test_an_ended_session_and_a_used_link_stay_so_on_other_servers_and_after_a_restart(world: World) -> None:
    run, plan = world.waiting()
    link = httpx.URL(session.link(world.at, "ada"))
    form, ours = {"ticket": link.params["ticket"], "to": "/"}, {"origin": world.url}
    ada = world.http("ada")
    copied = cookie_of(ada)
    assert http.post(f"{world.url}/sign-in", data=form, headers=ours).status_code == 303
    ada.post("/sign-out", headers=ours)
    with serve(application(world.another())) as second:
        assert http.post(f"{second.url}/sign-in", data=form, headers=ours).status_code == 403
        body = world.ballot(run, plan)
        refused = http.post(f"{second.url}/api/v1/promotions/{run}/decision", json=body, headers=ours | copied)
        assert refused.status_code == 401


def test_a_session_ends_at_its_age(tmp_path: Path) -> None:
    with server_world(tmp_path, LIFTGATE_SERVER__SESSION_HOURS="0.5") as world:
        run, plan = world.waiting()
        [cookie] = world.http("ada").cookies.jar
        made = session.read(world.at, Session, str(cookie.value))
        assert made is not None
        assert made.until - world.at.clock.now() <= timedelta(hours=0.5)
        old = made.copy_with(until=world.at.clock.now() - timedelta(seconds=1))
        assert decide(world, run, plan, cookie=f"{cookie.name}={session.seal(world.at, old)}") == 401
        assert decide(world, run, plan, cookie=f"{cookie.name}={session.seal(world.at, made)}") == 200


def test_a_session_ends_when_its_person_leaves_people(world: World) -> None:
    run, plan = world.waiting("grace")
    ada = world.http("ada")
    assert "Sign out" in ada.get("/").text
    people = {name: each for name, each in configured(world.lab)["people"].items() if name != "ada"}
    rules = {"prod": {"approvals": {"needed": 1, "from": ["grace", "rosa"]}}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=rules) | {"people": people})})
    world.at.git.fetch()
    assert "Sign out" not in ada.get("/").text
    assert decide(world, run, plan, **cookie_of(ada)) == 401
    world.lab.commit({"liftgate.json": text(configured(world.lab))})
    world.at.git.fetch()
    assert decide(world, run, plan, **cookie_of(ada)) == 401
    assert "Sign out" in world.http("ada").get("/").text


@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example"])
def test_the_host_header_is_not_believed(world: World, origin: str) -> None:
    """A name of the attacker that leads to our address, so that Host and Origin agree."""
    run, plan = world.waiting()
    forged = {"host": "evil.example", "origin": origin, **cookie_of(world.http("ada"))}
    assert decide(world, run, plan, **forged) == 403
    form = world.ballot(run, plan)
    for path in (f"/promotions/{run}/decision", "/pause", "/sign-out"):
        http.post(world.url + path, data=form, headers=forged)
    del forged["origin"]
    http.post(f"{world.url}/promotions/{run}/decision", data=form, headers=forged | {"sec-fetch-site": "same-origin"})
    assert world.votes(run) == []
    assert decide(world, run, plan, **cookie_of(world.http("ada"))) == 200


def test_a_server_without_an_address_signs_no_person_in(tmp_path: Path) -> None:
    with server_world(tmp_path, LIFTGATE_SERVER__URL="") as world:
        run, plan = world.waiting()
        assert "set LIFTGATE_SERVER__URL" in http.get(f"{world.url}/promotions/{run}").text
        forged = {"host": "evil.example", "origin": "http://evil.example"}
        assert decide(world, run, plan, **forged) == 403


def test_an_https_server_sends_only_cookies_that_no_other_server_can_set_or_read(tmp_path: Path) -> None:
    with server_world(tmp_path, LIFTGATE_SERVER__URL="https://liftgate.example.com") as world:
        link = httpx.URL(session.link(world.at, "ada"))
        form = {"ticket": link.params["ticket"], "to": "/"}
        answer = http.post(f"{world.url}/sign-in", data=form, headers={"origin": "https://liftgate.example.com"})
        name, *attributes = answer.headers["set-cookie"].lower().split("; ")
        assert name.startswith("__host-liftgate=")
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= set(attributes)
        assert not any(each.startswith("domain") for each in attributes)
        insecure = http.post(f"{world.url}/sign-in", data=form, headers={"origin": "http://liftgate.example.com"})
        assert insecure.status_code == 403


def click(world: World, run: str, plan: str) -> dict[str, Any]:
    """As it comes over Slack's socket."""
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U01ADA", "team_id": "T1"},
        "container": {"channel_id": CHANNEL, "message_ts": PLACE},
        "actions": [{"action_id": "approve", "value": json.dumps(world.ballot(run, plan, promotion=run))}],
    }


def test_without_its_database_the_server_shows_pages_and_accepts_no_replay(world: World) -> None:
    run, plan = world.waiting(place=PLACE)
    ada = cookie_of(world.http("ada"))
    link = httpx.URL(session.link(world.at, "ada"))
    file = world.at.settings.state / "server.sqlite"
    file.unlink()
    file.mkdir()
    app = application(world.another())
    with serve(app) as broken:
        ours = {"origin": world.url}
        form = {"ticket": link.params["ticket"], "to": "/"}
        refused = http.post(f"{broken.url}/sign-in", data=form, headers=ours)
        assert (refused.status_code, "LIFTGATE_SERVER__DATABASE" in refused.text) == (503, True)
        assert "set-cookie" not in refused.headers
        body = world.ballot(run, plan)
        path = f"{broken.url}/api/v1/promotions/{run}/decision"
        assert http.post(path, json=body, headers=ours | ada).status_code == 503
        assert http.get(f"{broken.url}/", headers=ada).status_code == 200
        slack.hear(app.state.state, "delivery-1", click(world, run, plan))
    assert world.votes(run) == []
