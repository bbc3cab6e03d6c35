"""The sandbox as a program of the demo."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from liftgate.runtime.environment import scrubbed
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
