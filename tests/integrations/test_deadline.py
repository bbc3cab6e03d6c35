"""At a deadline the program and everything it started ends; progress puts the deadline off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.integrations.deadline import output_of

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(600)"])
open(sys.argv[1], "w").write(str(child.pid))
time.sleep(600)
"""
BUSY = """
import sys, time
for _ in range(4):
    time.sleep(0.6)
    print("still at it", file=sys.stderr, flush=True)
print("done")
"""


def started(text: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", text, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def is_gone(pid: int) -> bool:
    """Ended, whether its new parent has noticed or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_what_ignores_the_request_to_end_is_killed_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    process = started(STUBBORN, str(note))
    assert eventually(lambda: note.exists() and note.read_text() != "")
    with pytest.raises(TimeoutError):
        output_of(process, 0.1)
    assert process.returncode == -9
    assert eventually(lambda: is_gone(int(note.read_text())))


def test_what_a_program_leaves_running_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    text = "import subprocess, sys; open(sys.argv[1], 'w').write(str(subprocess.Popen(['sleep', '600'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).pid))"  # noqa: E501
    assert output_of(started(text, str(note)), 60) == (b"", b"")
    assert eventually(lambda: is_gone(int(note.read_text())))


def test_progress_begins_the_deadline_anew_and_is_told() -> None:
    signs: list[str] = []
    out, _ = output_of(started(BUSY), 2.0, lambda: signs.append("alive"))
    assert out == b"done\n"
    assert signs


def test_without_progress_the_deadline_holds() -> None:
    with pytest.raises(TimeoutError):
        output_of(started("import time; time.sleep(600)"), 0.1, lambda: None)
