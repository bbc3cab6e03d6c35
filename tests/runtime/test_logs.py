"""A program's log does not grow without end, and the program goes on writing to it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime import logs
from liftgate.runtime.program import Program, Running

WRITES = "import itertools, time\nfor n in itertools.count(): print(f'{n:>99}', flush=True); time.sleep(0.001)"


def test_a_log_stays_small_while_its_program_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 20_000)
    program = Program(name="chatty", command=[sys.executable, "-c", WRITES], folder=tmp_path, environment={})
    running = Running(program)
    try:
        for _ in range(2):
            assert eventually(lambda: program.log.stat().st_size > 20_000, within=30.0)
            logs.bound(program.log)
            assert program.log.stat().st_size < 20_000
        assert eventually(lambda: program.log.stat().st_size > 0)
        assert b"\0" not in program.log.read_bytes()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["chatty.log", "chatty.log.1"]
    finally:
        running.stop()


def test_on_a_full_disk_the_part_before_it_is_given_up(tmp_path: Path) -> None:
    log, before = tmp_path / "worker.log", tmp_path / "worker.log.1"
    log.write_bytes(b"x" * (logs.LARGEST + 1))
    before.symlink_to("/dev/full")
    logs.bound(log)
    assert log.stat().st_size == 0
    assert not before.is_symlink()
