"""A fresh workspace for each test: two people, one channel, and a clock that tests can move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slack_sdk import WebClient

from liftgate.sandbox.serve import serve
from liftgate.sandbox.slack import Slack
from tests.sandbox.slack.world import ADA, CHANNEL, GRACE, SECRET, TOKEN, App, World, app


class Clock:
    """The time of day, and whatever a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(tmp_path: Path, clock: Callable[[], float]) -> Iterator[World]:
    slack = Slack(tmp_path / "slack", bot_token=TOKEN, signing_secret=SECRET, clock=clock)
    slack.add_person(ADA, "ada", "Ada Lovelace", "ada@example.com")
    slack.add_person(GRACE, "grace", "Grace Hopper", "grace@example.com")
    slack.add_channel(CHANNEL, "promotions")
    with serve(slack.asgi()) as served:
        yield World(slack, served.url, WebClient(TOKEN, base_url=f"{served.url}/api/", retry_handlers=[]))


@pytest.fixture
def listening(world: World) -> Iterator[App]:
    with app() as listening:
        world.slack.store.change(interactivity_url=listening.url)
        yield listening
