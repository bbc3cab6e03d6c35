"""A deadline waits for who gets on, and not for who stands still."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_tests.plain import eventually

from liftgate.errors import Unavailable
from liftgate.runtime.program import Program
from liftgate.runtime.progress import IN_ALL, Deadline, of_group
from liftgate.runtime.supervisor import Supervisor

SECONDS = 120
STEPS = st.lists(st.tuples(st.integers(1, 2 * SECONDS), st.booleans()), max_size=60)
"""Pauses between two looks, and whether it got on meanwhile."""


@given(STEPS)
def test_it_is_over_after_a_standstill_and_at_the_last_after_many_times_as_long(steps: list[tuple[int, bool]]) -> None:
    now, done, changed = 0, 0, 0
    deadline = Deadline(SECONDS, lambda: done, lambda: now)
    for pause, gets_on in steps:
        now, done = now + pause, done + gets_on
        changed = now if gets_on else changed
        assert deadline.is_over() == (now - changed > SECONDS or now > IN_ALL * SECONDS)
        assert deadline.spent == now


WORKS = """
import time
for step in range(12):
    time.sleep(0.2)
    print(step, flush=True)
open("ready", "w")
time.sleep(600)
"""
STANDS = "import time; time.sleep(600)"


@dataclass(frozen=True)
class Starting:
    """Ready when it says so, within a second or as long as it takes."""

    folder: Path
    script: str

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="starting",
            command=[sys.executable, "-c", self.script],
            folder=self.folder,
            environment=dict(os.environ),
            is_ready=(self.folder / "ready").exists,
            ready_within=1.0,
        )


def test_a_program_that_works_is_waited_for(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(Starting(tmp_path, WORKS))
        assert (tmp_path / "ready").exists()


def test_a_program_that_stands_still_is_not(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor, pytest.raises(Unavailable, match="starting did not answer in"):
        supervisor.start(Starting(tmp_path, STANDS))


@pytest.mark.parametrize("script", ["print('a line', flush=True)", "any(x < 0 for x in range(3_000_000))"])
def test_a_line_of_the_log_and_the_use_of_the_processor_are_progress(script: str, tmp_path: Path) -> None:
    """Also in a child."""
    log = tmp_path / "log"
    outer = f"import subprocess, sys; input(); subprocess.run([sys.executable, '-c', {script!r}]); input()"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", outer], stdin=subprocess.PIPE, stdout=out, start_new_session=True, bufsize=0
        )
    assert process.stdin is not None
    before = of_group(process.pid, log)
    process.stdin.write(b"\n")
    assert eventually(lambda: of_group(process.pid, log) > before)
    process.kill()
    process.wait()


def test_the_work_of_a_process_in_a_group_of_its_own_is_progress(tmp_path: Path) -> None:
    """As that of Postgres's processes after a crash, whose parent only waits."""
    works = "import os; os.setsid(); input(); any(x < 0 for x in range(30_000_000)); input()"
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {works!r}])"
    process = subprocess.Popen([sys.executable, "-c", outer], stdin=subprocess.PIPE, start_new_session=True, bufsize=0)
    assert process.stdin is not None
    before = of_group(process.pid, tmp_path / "log")
    process.stdin.write(b"\n")
    assert eventually(lambda: of_group(process.pid, tmp_path / "log")[1] >= before[1] + 20)
    process.stdin.write(b"\n")
    process.wait()
