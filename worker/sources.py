"""The code in a zygote: what to import in advance, and how to detect a change."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import pkgutil
import traceback
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

HOME = "LIFTGATE_HOME"
"""Environment variable with the folder that contains the packages below."""
RUN_ID = "PREFECT__FLOW_RUN_ID"
STATE_ID = "PREFECT__FLOW_RUN_STATE_ID"
"""Environment variable of a run's process: the state in which the worker got the run."""
OURS = ("flows", "tasks", "liftgate")
SLOW = (
    "anyio._backends._asyncio",  # a run imports this and the encodings by itself
    "cryptography.hazmat.primitives.serialization.ssh",
    "encodings.ascii",
    "encodings.idna",
    "git.cmd",
    "graphviz",
    "liftgate.integrations.runs.prefect",
    "liftgate.integrations.signing.client",
    "liftgate.integrations.signing.forge",
    "liftgate.integrations.signing.mirror",
    "liftgate.schemas",
    "prefect.engine",
    "prefect.flow_engine",
    "prefect.task_engine",
    "prefect.flow_runs",
    "prefect.artifacts",
    "prefect.deployments",
    "prefect.events.clients",
    "prefect.concurrency.sync",
    "prefect.runtime",
    "prefect.utilities.visualization",
    "pydantic.v1",
    "rich._emoji_codes",
)


WARM = {
    "liftgate.integrations.http": "trusted",
    "liftgate.integrations.ledger.git_branch": "warm",
    "liftgate.integrations.products": "warm",
    "liftgate.steps.registry": "warm",
    "prefect.states": "Running",  # on Python 3.13 the first time of a state imports a module
}
"""Functions that are slow on the first call, by module."""


def fingerprint() -> str:
    """Digest of every source file's path, size and modification time; hundreds of files take milliseconds."""
    digest = hashlib.sha256()
    for file in sorted(_files()):
        seen = file.stat()
        digest.update(f"{file}:{seen.st_size}:{seen.st_mtime_ns};".encode())
    return digest.hexdigest()


def preload() -> None:
    """Import Prefect, the flows, the tasks and what they need, and build their kinds of values.

    A module that cannot be imported is skipped: the run that needs it imports it again and shows the error to people.
    """
    for name in (*SLOW, *_modules("flows"), *_modules("tasks"), "liftgate.wiring", *WARM):
        try:
            module = importlib.import_module(name)
            if warm := WARM.get(name):
                getattr(module, warm)()
        except Exception:  # noqa: BLE001 - a broken module can raise anything
            traceback.print_exc()
    build_models()


def build_models() -> None:
    """Build each of pydantic's models that was imported: ours and most of Prefect's wait until they are first used.

    A model that cannot be built yet is left to the run that needs it.
    """
    waiting: list[type[BaseModel]] = BaseModel.__subclasses__()
    while waiting:
        model = waiting.pop()
        model.model_rebuild(raise_errors=False)
        waiting += model.__subclasses__()


def _modules(package: str) -> Iterator[str]:
    yield package
    found = importlib.util.find_spec(package)
    for path in (found.submodule_search_locations or []) if found else []:
        yield from (f"{package}.{module.name}" for module in pkgutil.iter_modules([path]))


def _files() -> Iterator[Path]:
    for package in OURS:
        yield from (Path(os.environ.get(HOME, ".")) / package).rglob("*.py")
