"""The programs of the demo beside Prefect's: the sandbox, and the gatehouse."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import httpx

from liftgate.runtime.environment import scrubbed
from liftgate.runtime.ports import LOOPBACK
from liftgate.runtime.program import Program
from liftgate.runtime.project import python_path

ADDRESSES = "sandbox.json"


class Sandbox:
    """`python -m liftgate.sandbox` in a folder; ready when its file of addresses is there."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = scrubbed(environ) | {"PYTHONPATH": python_path()}

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="sandbox",
            command=[sys.executable, "-m", "liftgate.sandbox", str(self.folder)],
            folder=self.folder,
            environment=self._environment,
            is_ready=(self.folder / ADDRESSES).exists,
        )

    @property
    def addresses(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / ADDRESSES).read_text())
        return found


class Gatehouse:
    """The web service, with the settings it is given."""

    def __init__(self, folder: Path, port: int, variables: Mapping[str, str], environ: Mapping[str, str]) -> None:
        self.folder, self.port = folder, port
        self.url = f"http://{LOOPBACK}:{port}"
        self._environment = scrubbed(environ) | {"PYTHONPATH": python_path()} | dict(variables)

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="gatehouse",
            command=[sys.executable, "-m", "liftgate.gatehouse.main", "--host", LOOPBACK, "--port", str(self.port)],
            folder=self.folder,
            environment=self._environment,
            is_ready=self._answers,
        )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False
