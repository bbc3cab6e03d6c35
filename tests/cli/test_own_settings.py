"""`worker` and `server` by themselves: whatever their caller's variables hold, each keeps its own settings only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sandbox_tests.plain import eventually

from liftgate.runtime.ports import answers, free_port
from liftgate.runtime.project import project_root
from tests.cli.conftest import Folder
from tests.examples import SERVER, WORKER, private_text

BOTH = {
    "LIFTGATE_REPOSITORY__URL",
    "LIFTGATE_STATE",
    "LIFTGATE_PREFECT__API_URL",
    "LIFTGATE_PREFECT__AUTH_STRING",
}


@pytest.fixture
def settings(clone: Folder, tmp_path: Path) -> dict[str, str]:
    """Of a person who has all of them at hand."""
    return {
        "LIFTGATE_REPOSITORY__URL": str(clone.path),
        "LIFTGATE_STATE": str(tmp_path / "state"),
        "LIFTGATE_WORKER__SIGNING_KEY": private_text(WORKER),
        "LIFTGATE_SERVER__SIGNING_KEY": private_text(SERVER),
        "PREFECT_API_URL": f"http://127.0.0.1:{free_port()}/api",
        "PREFECT_API_AUTH_STRING": "user:password",
        "PYTHONPATH": str(project_root()),
    }


@contextmanager
def seen_by(
    command: list[str], settings: dict[str, str], is_there: Callable[[int], bool], folder: Path
) -> Iterator[dict[str, str]]:
    """The variables of the process of `liftgate COMMAND`, once it is what it becomes."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "liftgate.cli.main", *command], env=os.environ | settings, stdout=out, stderr=out
        )
    try:
        assert eventually(lambda: is_there(process.pid) or process.poll() is not None, within=90), log.read_text()
        lines = Path(f"/proc/{process.pid}/environ").read_text().split("\0")
        yield dict(line.split("=", 1) for line in lines if line)
    finally:
        process.kill()
        process.wait()


def test_the_server_holds_no_workers_key(settings: dict[str, str], tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/healthz"
    with seen_by(["server", "--port", str(port)], settings, lambda _: answers(url), tmp_path) as seen:
        ours = {name for name in seen if name.startswith(("LIFTGATE_", "PREFECT_"))}
    assert ours == BOTH | {"LIFTGATE_SERVER__SIGNING_KEY"}
    assert seen["LIFTGATE_PREFECT__API_URL"] == settings["PREFECT_API_URL"]


def test_the_worker_holds_no_servers_key(settings: dict[str, str], tmp_path: Path) -> None:
    def is_worker(pid: int) -> bool:
        return b"-m\0worker\0" in Path(f"/proc/{pid}/cmdline").read_bytes()

    with seen_by(["worker"], settings, is_worker, tmp_path) as seen:
        ours = {name for name in seen if name.startswith("LIFTGATE_")}
    assert ours == BOTH | {"LIFTGATE_WORKER__SIGNING_KEY", "LIFTGATE_HOME"}
    assert seen["PREFECT_API_AUTH_STRING"] == "user:password"
