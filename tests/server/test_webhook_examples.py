"""GitHub's own examples of webhooks, from octokit/webhooks: each is answered, and only what matters begins a look."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from liftgate.server.state import ServerState
from tests.server.world import World, server_world

EXAMPLES: Final = Path(__file__).parents[1] / "cases" / "github-webhooks" / "examples.jsonl"
SECRET: Final = "a webhook's secret"
LOOKED_AT: Final = {"push", "pull_request", "pull_request_review"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with server_world(tmp_path, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        yield world


def examples() -> list[tuple[str, Any]]:
    found = [json.loads(line) for line in EXAMPLES.read_text().splitlines()]
    return [(each["event"], each["body"]) for each in found]


@pytest.mark.parametrize("is_form", [False, True])
def test_each_example_is_answered_and_only_what_matters_begins_a_look(world: World, *, is_form: bool) -> None:
    state: ServerState = world.app.state.state
    http, began = world.http(), set()
    for event, body in examples():
        state.looked.clear()
        state.pulls.changed.clear()
        answer = http.post("/webhooks/forge", **sent(event, body, is_form=is_form))
        assert answer.status_code == 202, (event, answer.text)
        assert state.looked.is_set() == state.pulls.changed.is_set()
        began |= {event} if state.looked.is_set() else set()
    assert began == LOOKED_AT


@pytest.mark.parametrize("is_form", [False, True])
def test_each_example_of_a_review_names_its_branch(world: World, *, is_form: bool) -> None:
    reviews = [body for event, body in examples() if event == "pull_request_review"]
    assert {body["action"] for body in reviews} == {"submitted", "dismissed"}
    for body in reviews:
        call = sent("pull_request_review", body, is_form=is_form)
        hook = world.at.forge.webhook(call["headers"], call["content"])
        assert hook is not None
        assert (hook.reviewed, hook.is_ignored) == (body["pull_request"]["head"]["ref"], False)


def sent(event: str, body: Any, *, is_form: bool) -> dict[str, Any]:
    """As GitHub sends it, in one of the two content types that it offers."""
    text = json.dumps(body)
    content = (urlencode({"payload": text}) if is_form else text).encode()
    headers = {
        "content-type": "application/x-www-form-urlencoded" if is_form else "application/json",
        "x-github-event": event,
        "x-hub-signature-256": "sha256=" + hmac.new(SECRET.encode(), content, hashlib.sha256).hexdigest(),
    }
    return {"headers": headers, "content": content}
