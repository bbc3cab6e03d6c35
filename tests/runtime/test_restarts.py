"""What ends by itself is started again, a few times; what ends again and again is given up with a sentence."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.errors import Unavailable
from liftgate.runtime import record
from liftgate.runtime.restarts import PAUSES, WITHIN, Restarts
from liftgate.runtime.supervisor import Supervisor
from tests.runtime.test_supervisor import Failing, Sleeper, pids


def test_the_pauses_grow_and_an_end_of_long_ago_does_not_count() -> None:
    restarts = Restarts()
    assert [restarts.pause("worker", now) for now in range(len(PAUSES))] == list(PAUSES)
    assert restarts.pause("worker", 10.0) is None
    assert restarts.pause("server", 10.0) == PAUSES[0]
    assert restarts.pause("worker", WITHIN + 1.0) is not None


def test_a_program_that_was_killed_runs_again_and_people_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(tmp_path, said.append) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        first = supervisor.pid("sleeper")
        supervisor.restart_ended(Restarts())
        assert supervisor.pid("sleeper") == first, "what runs is left alone"
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: supervisor.ended() is not None)
        (tmp_path / "pids").unlink()
        supervisor.restart_ended(Restarts((0.0,)))
        second = supervisor.pid("sleeper")
        assert second != first
        found = record.read_record(tmp_path, "sleeper")
        assert found is not None
        assert found.pid == second
        assert any("sleeper ended with code -9" in line and "starts again in 0 s" in line for line in said)
    assert eventually(lambda: not any(record.born(pid) for pid in pids(tmp_path)), within=15.0)


def test_a_program_that_ends_again_and_again_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(tmp_path, said.append) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        os.kill(supervisor.pid("sleeper"), signal.SIGKILL)
        assert eventually(lambda: supervisor.ended() is not None)
        broken = supervisor._parts.pop()._replace(service=Failing(tmp_path))
        supervisor._parts.append(broken)
        with pytest.raises(Unavailable, match=r"failing ended with code 3: .*no such table.*gives up"):
            supervisor.restart_ended(Restarts((0.0, 0.0)))
    assert len([line for line in said if "starts again" in line]) == 2
