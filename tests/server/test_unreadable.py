"""What cannot be read (a run, a file of the ledger, a body, a payload) is said, and everything else goes on."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sandbox_tests.plain import http

from liftgate.domain.approval.vote import gate_name
from liftgate.domain.common.installation import deployment
from liftgate.integrations.ledger.git_branch import REF
from liftgate.server import slack
from liftgate.services import session
from tests.examples import NOW, entry
from tests.integrations.conftest import AUTHOR
from tests.prefect_server import PrefectApi
from tests.server.world import World, server_world

pytestmark = pytest.mark.prefect
SECRET = "of the forge"
DEEP = "[" * 60_000
OTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def world(tmp_path: Path, prefect_api: PrefectApi) -> Iterator[World]:
    with server_world(tmp_path, prefect_api, LIFTGATE_FORGE__WEBHOOK_SECRET=SECRET) as world:
        yield world


def by_the_form(world: World, parameters: dict[str, Any]) -> str:
    """A run of `update` that Prefect's own form started, which looks at nothing."""
    found = world.lab.prefect.call("GET", f"/deployments/name/{deployment(world.name, 'update')}")
    return world.lab.prefect.run(found["id"], **parameters)


def garbled(world: World) -> str:
    """A file of the ledger that anybody with push rights may have written; its path."""
    mirror, path = world.lab.mirror("somebody", "ada"), "entries/example-app/prod/deep.json"
    mirror.fetch()
    tip = mirror.resolve(REF)
    sha = mirror.write(tip, {path: DEEP.encode()}, "by hand\n", NOW, AUTHOR, None)
    assert mirror.push(sha, REF, tip) == "pushed"
    world.at.git.fetch()
    return path


def test_the_board_the_api_the_metrics_and_recovery_go_on_around_what_cannot_be_read(world: World) -> None:
    world.record(entry(promotion=OTHER, environment="prod", outcome="promoted", reason="synced in 3 s"))
    waiting, plan = world.waiting()
    gate = gate_name(plan)
    crashed = world.run()
    poisoned = by_the_form(world, {"changes": {"/a": 2**64}, "application": "example-app", "environment": "dev"})
    try:
        path = garbled(world)
        world.put(crashed, "CRASHED")
        world.put(poisoned, "RUNNING")
        for key in (
            f"vote-{gate}-deep",
            f"suspended-{gate}-0-response",
            "rendered-1",
            "verdict-json-lint-1",
            "message",
        ):
            world.at.runs.add_input(waiting, key, DEEP)
        page = world.board()
        assert f'href="/promotions/{waiting}"' in page
        assert poisoned in page, "it is shown, and named in the notice"
        assert f"{path} in the ledger is nested deeper than 128 levels" in page
        assert world.http().get("/history").text.count("synced in 3 s") == 1
        assert world.http().get(f"/promotions/{waiting}").status_code == 200
        shown = world.http().get("/api/v1/promotions").json()
        assert waiting in {each["promotion"] for each in shown["waiting"]}
        assert world.http().get("/metrics").status_code == 200
        assert [need.action for need in world.recovery().once()] == ["go on"]
        assert world.read(crashed).state_name == "AwaitingRetry"
    finally:
        world.lab.prefect.call("DELETE", f"/flow_runs/{poisoned}")


BODIES = (
    DEEP,
    '{"flow": "update", "parameters": {"changes": {"/a": 1e400}}}',
    '{"flow": "update", "parameters": {"changes": {"/a": NaN}}}',
    '{"flow": "update", "parameters": {"changes": {"/a": "\\ud800"}}}',
    '{"flow": "update", "parameters": {"changes": {"/a": 1, "/a": 2}}}',
)


def test_no_body_and_no_payload_is_an_error_of_ours(world: World) -> None:
    ada, json_type = world.http("ada", origin=world.url), {"content-type": "application/json"}
    for path in ("", f"/{OTHER}/decision", f"/{OTHER}/rollback"):
        for body in BODIES:
            answer = ada.post(f"/api/v1/promotions{path}", content=body, headers=json_type)
            assert (answer.status_code, "valid JSON" in answer.text) == (400, True), (path, body[:80])
    for stored in (
        '"a\\u0000b"',
        "1e300",
        "18446744073709551616",
        '{"__prefect_kind": "jinja", "template": "{{ 1 }}"}',
    ):
        body = f'{{"flow": "update", "parameters": {{"changes": {{"/a": {stored}}}}}}}'
        answer = ada.post("/api/v1/promotions", content=body, headers=json_type)
        assert (answer.status_code, "/changes/~1a" in answer.text) == (409, True), stored

    pressed = {"type": "block_actions", "actions": [{"action_id": "approve", "value": DEEP}]}
    for payload in (DEEP, json.dumps(pressed), '{"type": "\\ud800"}'):
        assert world.post_slack(urlencode({"payload": payload})).status_code == 200
    assert world.press("ada", "1.1", "../x", "gate-1").status_code == 200
    slack.hear(world.app.state.state, "1", pressed)

    signed = "sha256=" + hmac.new(SECRET.encode(), DEEP.encode(), hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": signed, "x-github-event": "pull_request_review"}
    assert http.post(f"{world.url}/webhooks/forge", content=DEEP, headers=headers).status_code == 202

    ticket = base64.urlsafe_b64encode(DEEP.encode()).decode()
    forged = f"{ticket}.{session._mac(world.at, session.Session, ticket)}"
    assert session.read(world.at, session.Session, forged) is None
