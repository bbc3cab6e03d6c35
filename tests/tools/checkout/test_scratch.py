"""Temporary files of the suite are in memory where there is room, and none stays."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from liftgate.runtime.project import project_root
from tools.checkout import scratch

KILLED = """
import os, pathlib, signal, sys
from tools.checkout import scratch
scratch.NEEDED = 0
with scratch.temporary_folder(pathlib.Path(sys.argv[1])) as variables:
    (pathlib.Path(variables["TMPDIR"]) / "large").write_text("left")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def room(monkeypatch: pytest.MonkeyPatch) -> None:
    """On each machine that runs this."""
    monkeypatch.setattr(scratch, "NEEDED", 0)


def test_a_program_writes_there_and_nothing_stays(tmp_path: Path) -> None:
    with scratch.temporary_folder(tmp_path) as variables:
        made = [sys.executable, "-c", "import tempfile; print(tempfile.mkstemp()[1])"]
        written = Path(subprocess.run(made, env=variables, capture_output=True, text=True, check=True).stdout.strip())
        assert written.is_file()
        assert written.is_relative_to(tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_where_there_is_too_little_room_the_usual_folder_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "NEEDED", 2**60)
    with scratch.temporary_folder(tmp_path) as variables:
        assert variables == {}
    monkeypatch.setattr(scratch, "NEEDED", 0)
    with scratch.temporary_folder(tmp_path / "nothing") as variables:
        assert variables == {}


def test_what_a_killed_process_left_is_removed_and_what_another_one_uses_stays(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    subprocess.run(command, env={"PYTHONPATH": str(project_root())}, check=False)
    (left,) = tmp_path.iterdir()
    others = Path(tempfile.mkdtemp(prefix="liftgate-", dir=tmp_path))
    with scratch.temporary_folder(tmp_path) as mine, scratch.temporary_folder(tmp_path) as second:
        assert {*tmp_path.iterdir()} == {others, Path(mine["TMPDIR"]), Path(second["TMPDIR"])}
        assert not left.exists()
    assert [*tmp_path.iterdir()] == [others]
