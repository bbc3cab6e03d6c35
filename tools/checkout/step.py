"""One step of the setup: runs a program quietly, and prints a line every few seconds to show that it is running."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from liftgate.runtime.environment import INTERPRETER

SAY_AGAIN = 3.0
LINES = 15


class NotPossible(Exception):
    """This machine lacks something; the sentence names it."""


def step(what: str, command: Sequence[str], *, may_fail: bool = False) -> None:
    """Run `command` and show its output only if it fails. Raises NotPossible then."""
    print(f"  {what}", flush=True)
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=_variables()
        ) as process:
            _wait(process, what)
        if process.returncode and not may_fail:
            output.seek(0)
            lines = output.read().decode(errors="replace").splitlines()[-LINES:]
            raise NotPossible(f"{what} failed:\n" + "\n".join(lines))


def runs(*command: str | Path) -> bool:
    """Whether the program exists, starts and exits with 0."""
    try:
        return (
            subprocess.run(
                command, capture_output=True, stdin=subprocess.DEVNULL, env=_variables(), check=False
            ).returncode
            == 0
        )
    except OSError:
        return False


def _wait(process: subprocess.Popen[bytes], what: str) -> None:
    began = time.monotonic()
    while True:
        try:
            process.wait(SAY_AGAIN)
        except subprocess.TimeoutExpired:
            print(f"  {what}, {time.monotonic() - began:.0f} s", flush=True)
        else:
            return


def _variables() -> dict[str, str]:
    """Downloads keep the user's proxy, index and certificates; only variables that change Python itself are removed."""
    return {name: value for name, value in os.environ.items() if name not in INTERPRETER}
