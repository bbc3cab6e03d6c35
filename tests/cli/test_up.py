"""`up` on a real machine: everything runs, a second call finds it, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from liftgate.integrations.runs.registration import Registry
from liftgate.runtime.ports import free_port, is_listening
from liftgate.runtime.project import project_root
from tests.cli.conftest import Folder
from tests.examples import WORKER, private_text
from tests.prefect_server import eventually

FLOWS = [f"{flow}/{flow}" for flow in ("promote", "update", "rollback", "nightly")]


@pytest.mark.prefect
def test_everything_runs_is_found_again_and_leaves_nothing_behind(clone: Folder, tmp_path: Path) -> None:
    prefect, gatehouse = free_port(), free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "LIFTGATE_"))},
        "PYTHONPATH": str(project_root()),
        "LIFTGATE_REPOSITORY__URL": str(clone.path),
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
        "LIFTGATE_PREFECT__DATABASE": "sqlite",
    }
    environment.pop("DISPLAY", None)
    command = [sys.executable, "-m", "liftgate.cli.main", "up"]
    ports = ["--prefect-port", str(prefect), "--gatehouse-port", str(gatehouse)]
    out = tmp_path / "out"
    with out.open("w") as file:
        up = subprocess.Popen([*command, *ports], env=environment, stdout=file, stderr=file)
    try:
        assert eventually(lambda: "ssh -L" in out.read_text() or up.poll() is not None, within=180), out.read_text()
        assert up.poll() is None, out.read_text()
        assert Registry(f"http://127.0.0.1:{prefect}/api").missing(FLOWS) == []
        again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert again.stdout.startswith("running already:")
        assert f"http://127.0.0.1:{gatehouse}" in again.stdout
    finally:
        up.send_signal(signal.SIGINT)
        code = up.wait(60)
    assert code == 0
    assert not is_listening(prefect)
    assert not is_listening(gatehouse)
    assert processes_of(tmp_path) == []


def processes_of(folder: Path) -> list[str]:
    """Command lines of processes that still work in the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if str(folder) in str((entry / "cwd").readlink()):
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return found
