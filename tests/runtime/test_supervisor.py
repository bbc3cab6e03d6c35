"""Programs live as long as their supervisor, however it ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.errors import Unavailable
from liftgate.runtime import record
from liftgate.runtime.ports import free_port, is_listening
from liftgate.runtime.prefect_server import PrefectServer
from liftgate.runtime.program import Program
from liftgate.runtime.project import project_root
from liftgate.runtime.restarts import Restarts
from liftgate.runtime.supervisor import Supervisor
from tests.background import in_background

SLEEPS = """
import os, signal, subprocess, sys, time
stubborn, folder = sys.argv[1:]
if stubborn == "True":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = "import os, time; os.setsid(); time.sleep(600)"
started = subprocess.Popen([sys.executable, "-c", child])
with open(folder + "/pids.new", "w") as file:
    file.write(f"{os.getpid()} {started.pid}")
os.rename(folder + "/pids.new", folder + "/pids")
time.sleep(600)
"""


@dataclass(frozen=True)
class Sleeper:
    """Starts a child that leaves its process group, then sleeps; deaf to SIGTERM if `stubborn`."""

    folder: Path
    stubborn: bool = False

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="sleeper",
            command=[sys.executable, "-c", SLEEPS, str(self.stubborn), str(self.folder)],
            folder=self.folder,
            environment=dict(os.environ),
            is_ready=(self.folder / "pids").exists,
            stop_within=0.5,
        )


@dataclass(frozen=True)
class Failing:
    folder: Path

    def programs(self) -> Iterable[Program]:
        command = [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"]
        yield Program(
            name="failing",
            command=command,
            folder=self.folder,
            environment=dict(os.environ),
            is_ready=(self.folder / "never").exists,
        )


def pids(folder: Path) -> list[int]:
    assert eventually((folder / "pids").exists)
    return [int(number) for number in (folder / "pids").read_text().split()]


def are_gone(folder: Path) -> bool:
    return eventually(lambda: not any(record.born(pid) for pid in pids(folder)), within=15.0)


@pytest.mark.parametrize("stubborn", [False, True])
def test_at_the_end_of_the_block_everything_is_gone(tmp_path: Path, stubborn: bool) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Sleeper(tmp_path, stubborn))
        assert all(record.born(pid) for pid in pids(tmp_path))
    assert are_gone(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_when_the_supervisor_is_killed_everything_is_gone(tmp_path: Path, number: signal.Signals) -> None:
    command = in_background([sys.executable, "-m", "tests.runtime.script", str(tmp_path)])
    with subprocess.Popen(command, cwd=project_root(), stderr=subprocess.DEVNULL) as supervisor:
        pids(tmp_path)
        supervisor.send_signal(number)
    assert are_gone(tmp_path)


def test_a_second_start_finds_the_first(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(tmp_path) as first:
        first.start(Sleeper(tmp_path))
        before = pids(tmp_path)
        with Supervisor(tmp_path, said.append) as second:
            second.start(Sleeper(tmp_path))
        assert said == ["sleeper is already running"]
        assert pids(tmp_path) == before
        assert record.born(before[0])


def test_a_program_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with (
        Supervisor(tmp_path) as supervisor,
        pytest.raises(Unavailable, match="failing ended with code 3: no such table"),
    ):
        supervisor.start(Failing(tmp_path))


def test_a_program_that_ended_later_is_named(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        assert supervisor.ended() is None
        os.kill(supervisor.pid("sleeper"), signal.SIGKILL)
        assert eventually(lambda: supervisor.ended() is not None)


def test_a_record_of_a_number_used_again_does_not_count(tmp_path: Path) -> None:
    record.write_record(tmp_path, "one", os.getpid(), {})
    path = tmp_path / "one.pid"
    path.write_text(path.read_text().replace(record.born(os.getpid()), "1"))
    assert record.read_record(tmp_path, "one") is None


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port := free_port())]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as other:
        assert eventually(lambda: is_listening(port))
        with Supervisor(tmp_path) as supervisor, pytest.raises(Unavailable, match=f"another program uses port {port}"):
            supervisor.start(PrefectServer(tmp_path, port, "sqlite"))
        other.terminate()


LEANS = """
import os, pathlib, signal, sys, time
folder = pathlib.Path(sys.argv[1])

def runs(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

if (folder / "kill").exists():
    process = int((folder / "kill").read_text())
    (folder / "kill").unlink()
    (folder / "pids").unlink()  # before: the sleeper may be started again at once
    os.kill(process, signal.SIGKILL)
    while runs(process):
        time.sleep(0.01)
(folder / "held").write_text(str(os.getpid()))
time.sleep(600)
"""


@dataclass(frozen=True)
class Leaning:
    """Ready only while the sleeper runs. Kills it once, when it is told to."""

    folder: Path

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="leaning",
            command=[sys.executable, "-c", LEANS, str(self.folder)],
            folder=self.folder,
            environment=dict(os.environ),
            is_ready=self._is_held,
            ready_within=5.0,
            stop_within=0.5,
        )

    def _is_held(self) -> bool:
        held = self.folder / "held"
        runs = held.exists() and record.born(int(held.read_text() or 0))
        return bool(runs and record.read_record(self.folder, "sleeper"))


def test_a_program_that_ends_while_another_starts_again_is_started_again_too(tmp_path: Path) -> None:
    """Prefect dies while the worker starts again: the worker is not ready before Prefect is."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        supervisor.start(Leaning(tmp_path))
        first = supervisor.pid("sleeper")
        (tmp_path / "kill").write_text(str(first))
        os.kill(supervisor.pid("leaning"), signal.SIGKILL)
        assert eventually(lambda: supervisor.ended() is not None)
        supervisor.restart_ended(Restarts((0.0, 0.0)))
        assert supervisor.ended() is None
        assert supervisor.pid("sleeper") != first
        assert record.born(supervisor.pid("leaning"))


@dataclass
class OnFullDisk:
    """Its folder cannot be written the second time it starts."""

    folder: Path
    starts: int = 0

    def programs(self) -> Iterable[Program]:
        self.starts += 1
        if self.starts == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        yield from Sleeper(self.folder).programs()


def test_an_error_of_the_machine_is_tried_again_as_a_program_that_ended_is(tmp_path: Path) -> None:
    said: list[str] = []
    with Supervisor(tmp_path, said.append) as supervisor:
        supervisor.start(OnFullDisk(tmp_path))
        os.kill(supervisor.pid("sleeper"), signal.SIGKILL)
        assert eventually(lambda: supervisor.ended() is not None)
        (tmp_path / "pids").unlink()
        supervisor.restart_ended(Restarts((0.0, 0.0)))
        assert supervisor.ended() is None
        assert record.born(supervisor.pid("sleeper"))
    assert any("No space left on device. It starts again" in line for line in said), said


def test_a_program_is_started_beside_one_that_had_ended_before(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        os.kill(supervisor.pid("sleeper"), signal.SIGKILL)
        assert eventually(lambda: supervisor.ended() is not None)
        (tmp_path / "pids").unlink()
        supervisor.start(Sleeper(tmp_path))
        assert all(record.born(pid) for pid in pids(tmp_path))


def test_only_the_end_of_a_program_that_was_started_before_ends_a_start(tmp_path: Path) -> None:
    """The worker needs Prefect, not the other way round: Prefect starts on when the worker ends."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        supervisor.start(Leaning(tmp_path))
        assert supervisor._before("leaning") == ["sleeper"]
        assert supervisor._before("sleeper") == []
