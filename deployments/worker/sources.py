"""The code a zygote holds: what to import beforehand, and how to see that it changed."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import pkgutil
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

HOME = "LIFTGATE_HOME"
"""Environment variable with the folder that holds the packages below."""
RUN_ID = "PREFECT__FLOW_RUN_ID"
ENTRYPOINT = "PREFECT__FLOW_ENTRYPOINT"
"""Variable of a run of ours: the flow to import, instead of asking the server for the deployment and its pull steps."""
AHEAD = "tasks.ahead"
"""What such a run asks for while Prefect's engine starts."""
OURS = ("flows", "tasks", "liftgate")
PREFECT = (
    "anyio._backends._asyncio",  # this and the next: found by looking at what a run still imported by itself
    "encodings.idna",
    "graphviz",
    "prefect.engine",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.flow_runs",
    "prefect.artifacts",
    "prefect.deployments",
    "prefect.deployments.steps.core",
    "prefect.deployments.steps.pull",
    "prefect.events.clients",
    "prefect.concurrency.sync",
    "prefect.runtime",
    "prefect.utilities.visualization",
    "pydantic.v1",
    "rich._emoji_codes",
    "prefect._internal.metrics",
    "prefect._internal.control_listener",
)


WARM = {"liftgate.integrations.http": "trusted", "liftgate.steps.registry": "warm"}
"""What else takes long the first time: a function of a module."""


def fingerprint() -> str:
    """Digest of every source file's path, size and time of change; hundreds of files take milliseconds."""
    digest = hashlib.sha256()
    for file in sorted(_files()):
        seen = file.stat()
        digest.update(f"{file}:{seen.st_size}:{seen.st_mtime_ns};".encode())
    return digest.hexdigest()


def preload() -> None:
    """Import Prefect, the flows, the tasks and what they need.

    A module that cannot be imported is left to the run that needs it: there its error reaches people.
    """
    for name in (*PREFECT, *_modules("flows"), *_modules("tasks"), "liftgate.wiring", *WARM):
        try:
            module = importlib.import_module(name)
            if warm := WARM.get(name):
                getattr(module, warm)()
        except Exception:  # noqa: BLE001 - whatever a broken module raises
            traceback.print_exc()


def forget() -> None:
    """Drop our modules, for a run whose code lies elsewhere."""
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]


def _modules(package: str) -> Iterator[str]:
    yield package
    found = importlib.util.find_spec(package)
    for path in (found.submodule_search_locations or []) if found else []:
        yield from (f"{package}.{module.name}" for module in pkgutil.iter_modules([path]))


def _files() -> Iterator[Path]:
    for package in OURS:
        yield from (Path(os.environ.get(HOME, ".")) / package).rglob("*.py")
