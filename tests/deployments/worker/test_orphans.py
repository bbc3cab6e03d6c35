"""An orphan is a run whose noted process is gone: found after the worker died, told once, and never mistaken."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deployments.worker.orphans import Notes
from tests.prefect_server import eventually


def child() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)


def test_a_process_that_ended_without_a_note_is_gone_also_for_the_next_worker(tmp_path: Path) -> None:
    process = child()
    Notes(tmp_path).begun("run", process.pid)
    assert Notes(tmp_path).gone() == frozenset()
    process.kill()
    process.wait()
    assert Notes(tmp_path).gone() == {"run"}


def test_a_zombie_is_gone(tmp_path: Path) -> None:
    process = child()
    Notes(tmp_path).begun("run", process.pid)
    process.kill()
    assert eventually(lambda: Notes(tmp_path).gone() == {"run"})
    process.wait()


def test_a_noted_end_and_a_living_process_are_not(tmp_path: Path) -> None:
    notes = Notes(tmp_path)
    notes.begun("alive", os.getpid())
    notes.begun("over", os.getpid())
    notes.ended("over")
    assert notes.gone() == frozenset()
