"""Of several programs that ended, what the others need starts again first."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sandbox_tests.plain import eventually

from liftgate.runtime import record
from liftgate.runtime.program import Program
from liftgate.runtime.restarts import Restarts
from liftgate.runtime.supervisor import Supervisor
from tests.runtime.test_supervisor import Leaning, Sleeper


@dataclass(frozen=True)
class Base:
    """Ends at once while there is a file `down`."""

    folder: Path

    def programs(self) -> Iterable[Program]:
        wait = "import pathlib, sys, time\nwhile not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.02)"
        yield Program(
            name="base",
            command=[sys.executable, "-c", wait, str(self.folder / "down")],
            folder=self.folder,
            environment=dict(os.environ),
            stop_within=0.5,
        )


NEEDS = """
import os, pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / "held").write_text(str(os.getpid()))
while (folder / "base.pid").exists():
    time.sleep(0.02)
"""


@dataclass(frozen=True)
class Needing:
    """Ends while the base does not run, and is ready only beside it."""

    folder: Path

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="needing",
            command=[sys.executable, "-c", NEEDS, str(self.folder)],
            folder=self.folder,
            environment=dict(os.environ),
            is_ready=self._is_held,
            stop_within=0.5,
        )

    def _is_held(self) -> bool:
        held = self.folder / "held"
        runs = held.exists() and record.born(int(held.read_text() or 0))
        return bool(runs and record.read_record(self.folder, "base"))


def test_what_the_others_need_starts_again_before_them(tmp_path: Path) -> None:
    """Prefect dies, and the worker, which cannot do without it, ends in the pause before Prefect's restart."""
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Base(tmp_path))
        supervisor.start(Needing(tmp_path))
        (tmp_path / "down").touch()
        assert eventually(lambda: supervisor.ended() is not None)
        (tmp_path / "down").unlink()
        supervisor.restart_ended(Restarts((1.0, 1.0, 1.0)))
        assert supervisor.ended() is None
        assert record.read_record(tmp_path, "base")
        assert record.read_record(tmp_path, "needing")


def test_what_the_others_need_comes_first_also_after_it_was_started_again(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Sleeper(tmp_path))
        supervisor.start(Leaning(tmp_path))
        for killed in (["sleeper"], ["sleeper", "leaning"]):
            (tmp_path / "pids").unlink()
            for name in killed:
                os.kill(supervisor.pid(name), signal.SIGKILL)
                assert eventually(partial(is_gone, tmp_path, name))
            supervisor.restart_ended(Restarts((0.0, 0.0)))
            assert supervisor.ended() is None
        assert record.read_record(tmp_path, "sleeper")
        assert record.read_record(tmp_path, "leaning")


def is_gone(folder: Path, name: str) -> bool:
    return record.read_record(folder, name) is None
