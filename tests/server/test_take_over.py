"""The server takes over what people push: at the webhook, and by the next round of recovery; its page shows it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from liftgate.domain.promotion.take_over import FLOW
from liftgate.integrations.runs.memory import InMemoryRuns
from liftgate.server import background
from liftgate.server.state import ServerState
from liftgate.services.take_overs import TakeOvers
from tests.examples import text
from tests.lab import configured
from tests.server.world import World, deployed_world, wait_until
from tests.services.by_hand import begin, push, taken_over
from tests.services.course import Course
from tests.services.test_reviews import SECRET


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with deployed_world(tmp_path, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        Course(world.lab, world.worker).past("1.4.2")
        world.at.git.fetch()
        yield world


def test_at_the_webhook_of_a_push_it_starts_a_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.05)
    state, stop = world.app.state.state, Event()
    assert isinstance(state, ServerState)
    refreshing = Thread(target=background.refresh, args=(state, stop, world.recovery()))
    refreshing.start()
    commit, body = push(world.lab, cache={"ttl": 5}), b"{}"
    signed = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signed, "x-github-event": "push"}
    assert world.http().post("/webhooks/forge", content=body, headers=headers).status_code == 202
    wait_until(lambda: world.at.runs.find(flows=(FLOW,)).runs)
    stop.set()
    refreshing.join()
    (run,) = world.at.runs.find(flows=(FLOW,)).runs
    assert run.parameters["commit"] == commit


def test_an_answer_of_prefect_that_makes_no_sense_ends_no_fetching(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PAUSE", 0.01)
    state, stop, recovery, looked = world.app.state.state, Event(), world.recovery(), list[str]()

    def look() -> None:
        looked.append("")
        state.looked.set()
        raise KeyError("parameter_openapi_schema")

    monkeypatch.setattr(recovery.choices, "look", look)
    refreshing = Thread(target=background.refresh, args=(state, stop, recovery))
    state.looked.set()
    refreshing.start()
    wait_until(lambda: len(looked) > 1 or not refreshing.is_alive())
    stop.set()
    refreshing.join()
    assert len(looked) > 1


def test_a_round_of_recovery_finds_it_and_restarts_a_run_until_the_commit_has_an_outcome(world: World) -> None:
    push(world.lab, cache={"ttl": 5})
    recovery = world.recovery()
    assert recovery.once() == []
    (run,) = world.at.runs.find(flows=(FLOW,)).runs
    for state, name in (("FAILED", "Refused"), ("CANCELLED", "Cancelled")):
        world.put(run.id, state, name)
        assert [need.action for need in recovery.once()] == ["go on"], state
    nothing = world.at.runs.create(FLOW, run.parameters | {"commit": "0" * 40}, idempotency_key="nothing")
    world.put(nothing.id, "FAILED", "Refused")
    said = [(need.action, need.sentence) for need in recovery.once()]
    assert said == [("tell", "is not verified by this run: it ended as Refused")]
    assert recovery.once() == []


def test_without_the_deployment_it_is_said_once_and_tried_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    push(world.lab, cache={"ttl": 5})
    world.at.git.fetch()
    assert isinstance(world.engine, InMemoryRuns)
    forms = world.engine.forms
    form = forms.pop((world.name, FLOW))
    looks = TakeOvers(world.at)
    assert [looks.look(), looks.look()] == [[], []]
    assert caplog.text.count("register it with: liftgate deploy") == 1
    forms[world.name, FLOW] = form
    assert len(looks.look()) == 1


def test_its_page_shows_the_change_and_then_who_made_it(world: World) -> None:
    """And who signed it, where signatures are reported."""
    policy = {"dev": {"signatures": "reported"}}
    world.lab.commit({"liftgate.json": text(configured(world.lab, policy=policy))})
    course = Course(world.lab, world.worker)
    push(world.lab, cache={"ttl": 5})
    (run,) = taken_over(course)
    world.at.git.fetch()
    page = world.http().get(f"/promotions/{run.id}").text
    assert "/application/environment/configs/cache" in page
    entry = course.finish(begin(course, run))
    world.put(run.id, "COMPLETED", "Promoted")
    world.at.git.fetch()
    for identity in (run.id, entry.promotion):
        assert "Pushed by hand by ada." in world.http().get(f"/promotions/{identity}").text
    assert "not validly signed" in world.http().get(f"/promotions/{run.id}").text
    assert "Pushed by hand by ada." in world.board()
