"""The worker of the tests: Liftgate's own, with the tests' small flows, and with settings that a lab lends it.

A worker takes seconds to start, so all labs of a pytest process share one. Each lab has other servers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from liftgate.runtime.worker import Worker
from worker.__main__ import main
from worker.process_environment import variables
from worker.programs import FLOWS

SMALL = {
    name: f"tests.runtime.flows_fixture.simple.{name}" for name in ("quick", "failing", "gated", "sleeping", "telling")
}
LENT = "lab.json"
NOTED = "TEST_NOTES_OF_A_RUN"
"""Environment variable with the file for what a run's process imports and builds by itself."""


class LabWorker(Worker):
    module = "tests.worker_program"


def lend(worker: Path, settings: Mapping[str, str]) -> None:
    """Give the runs of the worker in this folder these variables from now on."""
    (worker / LENT).write_text(json.dumps(dict(settings)))


def with_lent(run: str) -> dict[str, str]:
    lent = Path(LENT)
    return variables(run) | (json.loads(lent.read_text()) if lent.exists() else {})


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = os.pathsep.join((os.environ["PYTHONPATH"], str(Path(__file__).parents[1])))
    main("tests.zygote_program", {**FLOWS, **SMALL}, with_lent)
