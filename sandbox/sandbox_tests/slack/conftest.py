"""A fresh workspace for each test: two people, one channel, and a clock that tests can move."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from liftgate_sandbox.serve import serve
from liftgate_sandbox.slack import Slack
from slack_sdk import WebClient

from sandbox_tests.forge.stage import Stage
from sandbox_tests.slack.world import ADA, CHANNEL, GRACE, SECRET, TOKEN, App, World


class Clock:
    """The time of day, and whatever a test adds to it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    stage = Stage()
    with serve(stage) as served:
        stage.url = served.url
        yield stage


@pytest.fixture(scope="session")
def app_stage() -> Iterator[Stage]:
    """Where the app listens."""
    stage = Stage()
    with serve(stage) as served:
        stage.url = served.url
        yield stage


@pytest.fixture
def world(stage: Stage, tmp_path: Path, clock: Callable[[], float]) -> World:
    slack = Slack(tmp_path / "slack", bot_token=TOKEN, signing_secret=SECRET, clock=clock)
    slack.add_person(ADA, "ada", "Ada Lovelace", "ada@example.com")
    slack.add_person(GRACE, "grace", "Grace Hopper", "grace@example.com")
    slack.add_channel(CHANNEL, "promotions")
    stage.app = slack.asgi()
    return World(slack, stage.url, WebClient(TOKEN, base_url=f"{stage.url}/api/", retry_handlers=[]))


@pytest.fixture
def listening(world: World, app_stage: Stage) -> App:
    listening = App()
    app_stage.app = listening
    world.slack.store.change(interactivity_url=app_stage.url)
    return listening
