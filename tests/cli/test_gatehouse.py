"""The gatehouse by itself: whatever its caller's variables hold, it keeps its own settings only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from liftgate.runtime.ports import answers, free_port
from liftgate.runtime.project import project_root
from tests.cli.conftest import Folder
from tests.examples import GATEHOUSE, WORKER, private_text
from tests.prefect_server import eventually


def test_a_workers_key_among_its_callers_variables_is_not_among_its_own(clone: Folder, tmp_path: Path) -> None:
    port = free_port()
    settings = {
        "LIFTGATE_REPOSITORY__URL": str(clone.path),
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
        "LIFTGATE_GATEHOUSE__SIGNING_KEY": private_text(GATEHOUSE),
        "PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api",
        "PREFECT_API_AUTH_STRING": "user:password",
        "PYTHONPATH": str(project_root()),
    }
    command = [sys.executable, "-m", "liftgate.cli.main", "gatehouse", "--port", str(port)]
    log = tmp_path / "log"
    with log.open("wb") as out:
        gatehouse = subprocess.Popen(command, env=os.environ | settings, stdout=out, stderr=out)
    try:
        up = eventually(lambda: answers(f"http://127.0.0.1:{port}/healthz") or gatehouse.poll() is not None, within=90)
        assert up, log.read_text()
        lines = Path(f"/proc/{gatehouse.pid}/environ").read_text().split("\0")
        seen = dict(line.split("=", 1) for line in lines if line)
    finally:
        gatehouse.terminate()
        gatehouse.wait()
    assert {name for name in seen if name.startswith(("LIFTGATE_", "PREFECT_"))} == {
        "LIFTGATE_REPOSITORY__URL",
        "LIFTGATE_STATE",
        "LIFTGATE_GATEHOUSE__SIGNING_KEY",
        "LIFTGATE_PREFECT__API_URL",
        "LIFTGATE_PREFECT__AUTH_STRING",
    }
    assert seen["LIFTGATE_PREFECT__API_URL"] == settings["PREFECT_API_URL"]
