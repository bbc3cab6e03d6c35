"""The whole story in a process of its own, as a newcomer starts it; Ctrl-C leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime.environment import scrubbed
from liftgate.runtime.project import project_root
from tests.background import in_background

pytestmark = pytest.mark.prefect

WITHIN = 540.0
"""Seconds: beside other tests it takes several times as long as alone."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where another user, Postgres's, may pass."""
    with tempfile.TemporaryDirectory(prefix="liftgate-demo-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        found += [words] if str(folder / "demo") in words else []
    return found


def test_everything_it_promises_holds_and_ctrl_c_leaves_nothing_behind(folder: Path) -> None:
    words = [sys.executable, "-m", "liftgate.cli.main", "demo", "--yes", "--folder", str(folder / "demo")]
    command = in_background(words)
    variables = scrubbed(os.environ) | {"PYTHONPATH": str(project_root()), "NO_COLOR": "1"}
    log = folder / "demo.log"
    with log.open("wb") as out:
        demo = subprocess.Popen(
            command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )

    def is_told() -> bool:
        return b"Still running" in log.read_bytes() or demo.poll() is not None

    try:
        assert eventually(is_told, within=WITHIN, every=0.5), log.read_text()
        assert demo.poll() is None, log.read_text()
        assert processes_of(folder), "nothing runs though it stays up"
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)
    assert demo.returncode == 0, log.read_text()
    said = log.read_text()
    assert "all expectations met" in said
    assert "Rolled back to 1.4.2" in said
    assert "not met" not in said
    assert eventually(lambda: not processes_of(folder)), processes_of(folder)
