"""The Liftgate server as a child program."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from liftgate.runtime.ports import LOOPBACK, answers
from liftgate.runtime.program import Program
from liftgate.runtime.project import python_path


class LiftgateServer:
    """The web service on a loopback port, with the variables in `environment`."""

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        self.folder, self.port = folder, port
        self.url = f"http://{LOOPBACK}:{port}"
        self._environment = {**environment, "PYTHONPATH": python_path()}

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="server",
            command=[sys.executable, "-m", "liftgate.cli.main", "server", "--port", str(self.port)],
            folder=self.folder,
            environment=self._environment,
            is_ready=lambda: answers(f"{self.url}/healthz"),
        )
