"""Small flows to try the runtime with."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from prefect import flow, suspend_flow_run, task
from prefect.input import RunInput


class Vote(RunInput):
    approved: bool


@task
def double(number: int) -> int:
    return 2 * number


@flow
def quick(number: int = 1) -> int:
    return double(number)


@flow
def failing() -> None:
    raise ValueError("this flow always fails")


@flow
def gated(note: str) -> None:
    """Writes a line to the file `note` before and after its gate."""
    _append(note, "before")
    vote = suspend_flow_run(wait_for_input=Vote, key="gate", timeout=600)
    _append(note, f"approved {vote.approved}")


@flow
def sleeping(note: str, seconds: float = 60.0) -> None:
    """Writes its own process id and that of a child to the file `note`, then sleeps; "done" at the end."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    _append(note, f"{os.getpid()} {child.pid}")
    time.sleep(seconds)
    child.kill()
    _append(note, "done")


@flow
def telling(note: str) -> None:
    """Writes what the process sees of its surroundings."""
    _append(note, f"{Path.cwd()} {os.environ['LIFTGATE_HOME']} {os.environ['PREFECT__FLOW_RUN_ID']}")


def _append(note: str, line: str) -> None:
    with Path(note).open("a") as file:
        file.write(line + "\n")
