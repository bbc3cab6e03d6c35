"""The sandbox as a program of the demo."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from liftgate.errors import Misconfigured
from liftgate.runtime.environment import scrubbed
from liftgate.runtime.program import Program
from liftgate.runtime.project import python_path

PACKAGE, ADDRESSES = "liftgate_sandbox", "sandbox.json"


class Sandbox:
    """`python -m liftgate_sandbox` in a folder; ready when it has written its file of addresses."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = scrubbed(environ) | {"PYTHONPATH": os.pathsep.join([python_path(), _place()])}

    def programs(self) -> Iterable[Program]:
        yield Program(
            name="sandbox",
            command=[sys.executable, "-m", PACKAGE, str(self.folder)],
            folder=self.folder,
            environment=self._environment,
            is_ready=(self.folder / ADDRESSES).exists,
        )

    @property
    def addresses(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / ADDRESSES).read_text())
        return found


def _place() -> str:
    """The folder from which this process would import the sandbox. Raises Misconfigured if it is not installed."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Misconfigured(
            "the demo needs the sandbox, which is a separate package: run ./dev demo in a checkout of Liftgate, or "
            f"install the checkout's folder sandbox ({Path(sys.executable).name} -m pip install ./sandbox)"
        )
    return str(Path(found.submodule_search_locations[0]).parent)
