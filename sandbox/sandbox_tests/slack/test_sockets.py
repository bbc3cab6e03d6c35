"""Socket Mode, with slack_sdk's own client as the app."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack import Slack
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from sandbox_tests.plain import eventually
from sandbox_tests.slack.world import ADA, CHANNEL, SECRET, TOKEN, World, buttons

APP = "xapp-sandbox"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    slack = Slack(tmp_path / "slack", bot_token=TOKEN, signing_secret=SECRET, app_token=APP)
    slack.add_person(ADA, "ada", "Ada Lovelace", "ada@example.com")
    slack.add_channel(CHANNEL, "promotions")
    with serve(slack.asgi()) as served:
        yield World(slack, served.url, WebClient(TOKEN, base_url=f"{served.url}/api/", retry_handlers=[]))


class App:
    """Keeps what it is sent and acknowledges it."""

    def __init__(self, world: World) -> None:
        self.heard: list[SocketModeRequest] = []
        self.client = SocketModeClient(APP, web_client=WebClient(base_url=f"{world.url}/api/"))
        self.client.socket_mode_request_listeners.append(self._hear)
        self.client.connect()
        assert eventually(lambda: world.slack.sockets.is_in_use)

    def _hear(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        self.heard.append(request)
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))


@pytest.fixture
def app(world: World) -> Iterator[App]:
    app = App(world)
    yield app
    app.client.close()


def pressed(world: World) -> int:
    ts = world.client.chat_postMessage(channel=CHANNEL, text="t", blocks=buttons("approve"))["ts"]
    return world.slack.press(ADA, str(ts), "approve").status


def test_a_press_comes_over_the_socket(world: World, app: App) -> None:
    assert pressed(world) == 200
    (request,) = app.heard
    assert (request.type, request.payload["type"]) == ("interactive", "block_actions")
    assert request.payload["actions"][0]["action_id"] == "approve"


def test_what_is_not_acknowledged_comes_again_with_the_same_id(world: World, app: App) -> None:
    world.slack.sockets.lose_acknowledgements(1)
    assert pressed(world) == 200
    first, again = app.heard
    assert (first.envelope_id, first.retry_attempt) == (again.envelope_id, None)
    assert again.retry_attempt == 1


def test_only_the_apps_own_token_opens_one_and_each_address_opens_once(world: World) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        world.client.apps_connections_open(app_token=TOKEN)
    url = world.client.apps_connections_open(app_token=APP)["url"]
    assert url.startswith("ws://127.0.0.1:")
    assert "ticket=" in url
