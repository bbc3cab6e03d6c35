"""`liftgate up` in the background of a script, with a home of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sandbox_tests.plain import eventually

from liftgate.domain.common.installation import DEFAULT
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.ports import LOOPBACK, free_port
from liftgate.runtime.project import project_root
from tests.background import in_background
from tests.prefect_server import PrefectApi
from tests.worker.test_dead_runs import at_once

STARTS_WITHIN = 300.0


@dataclass
class Up:
    """Its programs keep everything in `state`; `variables` are its other settings."""

    state: Path
    variables: dict[str, str] = field(default_factory=dict)
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    """Of Prefect's server and of the Liftgate server."""
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        prefect_secret.made(self.folder)

    @property
    def folder(self) -> Path:
        return self.state / "up"

    @property
    def prefect(self) -> PrefectApi:
        return PrefectApi(f"http://{LOOPBACK}:{self.ports[0]}/api", DEFAULT, self.folder, self.folder)

    @property
    def url(self) -> str:
        """The Liftgate server's."""
        return f"http://{LOOPBACK}:{self.ports[1]}"

    @property
    def said(self) -> str:
        return (self.folder / "out").read_text()

    def begin(self) -> None:
        """Start it, and wait for nothing."""
        plain = {k: v for k, v in os.environ.items() if not k.startswith(("PREFECT_", "LIFTGATE_", "DISPLAY"))}
        own = {name: text for name, text in self.variables.items() if name not in FOUND_BY_UP}
        more = {"LIFTGATE_STATE": str(self.state), "PYTHONPATH": str(project_root())}
        ports = ["--prefect-port", str(self.ports[0]), "--server-port", str(self.ports[1])]
        command = in_background([sys.executable, "-m", "liftgate.cli.main", "up", *ports])
        with (self.folder / "out").open("wb") as out:
            self.process = subprocess.Popen(command, env=plain | own | more, stdout=out, stderr=out)

    def start(self) -> None:
        self.begin()
        self.wait()

    def wait(self) -> None:
        """Until all of it is ready."""
        process = self.process
        assert process is not None
        assert eventually(lambda: "ssh -L" in self.said or process.poll() is not None, within=STARTS_WITHIN), self.said
        assert process.poll() is None, self.said

    def stop(self) -> None:
        """As systemd does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(120) == 0, self.said

    def pid(self, name: str) -> int:
        found = record.read_record(self.folder, name)
        return found.pid if found else 0

    def kill(self, name: str) -> None:
        """And wait until it runs again."""
        before = self.pid(name)
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: self.pid(name) not in (0, before), within=120.0), self.said
        assert f"{name} ended with code -9" in self.said
        assert eventually(lambda: f"\n{name} is ready" in self.said.partition(f"{name} ended")[2], within=120.0), (
            self.said
        )

    def lose(self) -> None:
        """The host fails for good: all its processes end at once, and none has time to say so."""
        process = self.process
        assert process is not None
        for pid in at_once(process.pid, signal.SIGSTOP):
            os.kill(pid, signal.SIGKILL)
        process.wait()


FOUND_BY_UP = ("LIFTGATE_PREFECT__API_URL", "LIFTGATE_PREFECT__AUTH_STRING")
"""A lab's own, for what asks the server beside `up`."""
