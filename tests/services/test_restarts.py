"""Runs that died are started again while a remote hangs: that needs only Prefect."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest
from liftgate_sandbox.town import CHANNEL

from liftgate.domain.promotion.announcement import Place
from liftgate.errors import Unavailable
from liftgate.integrations.chat import slack
from liftgate.server.app import application
from liftgate.services.notes import Notes
from liftgate.services.recovery import Recovery
from liftgate.wiring import Integrations
from tests.clocks import Moving
from tests.server.world import World, wait_until
from tests.services.test_recovery import message


class Silent:
    """A server that takes connections and never answers."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/shop/config.git"
        self.taken: list[socket.socket] = []
        Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self.taken.append(self._listening.accept()[0])
            except OSError:
                return

    @property
    def is_waited_for(self) -> bool:
        """Whether a client sent its request and still waits for the answer."""
        return bool(self.taken) and self._is_open(self.taken[0])

    @staticmethod
    def _is_open(connection: socket.socket) -> bool:
        connection.setblocking(False)
        try:
            while connection.recv(65_536):
                pass
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._listening.close()
        for connection in self.taken:
            connection.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def behind(world: World, silent: Silent) -> Integrations:
    """Those of a Liftgate server whose forge hangs."""
    return world.another(repository=world.at.settings.repository.model_copy(update={"url": silent.url}))


def test_a_dead_run_is_started_again_while_the_forge_hangs(world: World, silent: Silent) -> None:
    crashed = world.run()
    app = application(behind(world, silent))

    async def while_it_is_up() -> None:
        async with app.router.lifespan_context(app):
            wait_until(lambda: silent.is_waited_for)
            world.put(crashed, "CRASHED")
            wait_until(lambda: world.read(crashed).state_name == "AwaitingRetry")
            assert silent.is_waited_for, "the fetch still hangs"
            silent.close()

    asyncio.run(while_it_is_up())
    assert len(Notes(world.at.runs, crashed).claims()) == 1


def test_so_is_one_whose_worker_is_gone(world: World, silent: Silent, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, at = Moving(), behind(world, silent)
    monkeypatch.setattr(at, "clock", clock)
    run, recovery = world.held("gone"), Recovery(at)
    with looking(recovery):
        wait_until(lambda: silent.is_waited_for)
        for _ in range(8):
            clock.ahead += 5.0
            world.engine.hear(world.name, "alive")
            recovery.restarts.once()
        assert silent.is_waited_for, "the fetch still hangs"
        silent.close()
    assert world.reruns(run) == 1


@contextmanager
def looking(recovery: Recovery) -> Iterator[None]:
    """A round that needs the forge, in a thread of its own."""
    thread = Thread(target=recovery.run, args=(stop := Event(),))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_rounds_of_both_parts_at_the_same_time_start_a_run_once(world: World) -> None:
    """Of two Liftgate servers, each with its two threads."""
    crashed, waiting = world.run(), world.waiting(form=False)
    world.lab.vote(waiting[0], "ada", plan=waiting[1])
    world.put(crashed, "CRASHED")
    recoveries = [world.recovery(), Recovery(world.another())]
    rounds = [each for recovery in recoveries for each in (recovery.restarts.once, recovery.look_at_others)]
    threads = [Thread(target=each) for each in (*rounds, *rounds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (world.reruns(crashed), world.reruns(waiting[0])) == (1, 1)


def test_an_error_in_one_part_stops_neither(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not one that is a mistake of ours."""
    crashed, stop, recovery = world.run(), Event(), world.recovery()
    world.put(crashed, "CRASHED")
    looks = {"restarts": 0, "others": 0}

    def fails(part: str, call: Any) -> Any:
        def look() -> Any:
            looks[part] += 1
            if looks[part] == 1:
                raise ValueError(part)
            return call()

        return look

    monkeypatch.setattr(recovery.restarts, "once", fails("restarts", recovery.restarts.once))
    monkeypatch.setattr(recovery, "look_at_others", fails("others", recovery.look_at_others))
    threads = [Thread(target=each.run, args=(stop,)) for each in (recovery, recovery.restarts)]
    for thread in threads:
        thread.start()
    wait_until(lambda: world.read(crashed).state_name == "AwaitingRetry" and looks["others"] > 1)
    stop.set()
    for thread in threads:
        thread.join()


def test_a_chat_that_does_not_answer_delays_no_restart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """People are told of a run that was restarted too often by the part that may wait."""
    given_up, crashed = world.run(), world.run()
    for count in range(5):
        Notes(world.at.runs, given_up).claim(count, world.at.clock.now())
    Notes(world.at.runs, given_up).keep_place(Place(channel=CHANNEL, ts=message(world)))
    for run in (given_up, crashed):
        world.put(run, "CRASHED")

    def update(*_: Any) -> None:
        raise Unavailable("Slack does not answer")

    monkeypatch.setattr(slack.Slack, "update", update)
    recovery = world.recovery()
    assert sorted(need.action for need in recovery.restarts.once()) == ["go on", "tell"]
    recovery.look_at_others()
    assert world.read(crashed).state_name == "AwaitingRetry"
    assert recovery.once() == []
