"""Buttons over a socket: no address of the Liftgate server, no signature, and the same decisions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from liftgate_sandbox.town import APP_TOKEN
from pydantic import SecretStr

from liftgate.server.slack import socket
from tests.server.test_slack import asked, ephemeral
from tests.server.world import World, wait_until


@contextmanager
def connected(world: World, token: str = APP_TOKEN) -> Iterator[Thread]:
    """Slack knows no address, and the Liftgate server no signing secret."""
    world.lab.town.slack.store.change(interactivity_url="")
    settings = world.at.settings.slack
    changed = settings.model_copy(update={"app_token": SecretStr(token), "signing_secret": SecretStr("")})
    world.at.settings = world.at.settings.model_copy(update={"slack": changed})
    stop = Event()
    thread = Thread(target=socket(world.app.state.state).run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def is_connected(world: World) -> bool:
    return world.lab.town.slack.sockets.is_in_use


def test_a_press_is_decided_and_told(world: World) -> None:
    run, _, ts = asked(world)
    with connected(world):
        wait_until(lambda: is_connected(world))
        assert world.lab.town.slack.press("ada", ts, "approve").status == 200
        wait_until(lambda: ephemeral(world))
    assert ephemeral(world)[0].startswith("you approved ")
    assert (world.votes(run), world.resumes(run)) == (["ada"], 1)


def test_what_slack_delivers_again_is_decided_once(world: World) -> None:
    run, _, ts = asked(world)
    with connected(world):
        wait_until(lambda: is_connected(world))
        world.lab.town.slack.sockets.lose_acknowledgements(1)
        assert world.lab.town.slack.press("ada", ts, "approve").status == 200
        wait_until(lambda: ephemeral(world))
    assert len(ephemeral(world)) == 1
    assert (world.votes(run), world.resumes(run)) == (["ada"], 1)


def test_a_connection_that_is_cut_is_made_again(world: World) -> None:
    run, _, ts = asked(world)
    with connected(world):
        wait_until(lambda: is_connected(world))
        world.lab.town.slack.sockets.cut()
        wait_until(lambda: not is_connected(world))
        wait_until(lambda: is_connected(world), within=30)
        world.lab.town.slack.press("ada", ts, "reject")
        wait_until(lambda: world.votes(run) == ["ada"])


def test_a_wrong_token_is_said_and_ends_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with connected(world, "xapp-wrong") as thread:
        wait_until(lambda: "invalid_auth" in caplog.text)
        assert thread.is_alive()
    assert "LIFTGATE_SLACK__APP_TOKEN" in caplog.text
    assert "xapp-wrong" not in caplog.text
