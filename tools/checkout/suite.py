"""`./dev test`: the whole test suite, several tests at a time; the few that fail are run again, alone."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Final

from tools.checkout.scratch import temporary_folder

PARALLEL = ("--processes", "7")
CHOSEN = ("-q", "-m", "not long")
COVERAGE = "--coverage"
MEASURED = ("--cov", "--cov-report=term:skip-covered")
"""Lines and branches, as pyproject.toml configures; printed after the tests."""
AGAIN: Final = 3
"""How many failed tests of the whole suite are run again. More of them are no accident of a busy machine."""
_FAILED: Final = 1
"""pytest's exit code: all tests ran, and some of them failed."""


def run(
    python: Path,
    root: Path,
    variables: Mapping[str, str],
    arguments: Sequence[str],
    parallel: Sequence[str] = PARALLEL,
) -> int:
    """pytest's exit code. Arguments go to pytest; without any, the whole suite runs. `--coverage` prints which code the
    tests run."""

    def pytest(*options: str, **more: str) -> int:
        return subprocess.call([python, "-m", "pytest", *options], cwd=root, env={**variables, **more})

    measured = MEASURED if COVERAGE in arguments else ()
    if given := [each for each in arguments if each != COVERAGE]:
        return pytest(*given, *measured)
    folder: AbstractContextManager[dict[str, str]] = nullcontext({}) if "TMPDIR" in variables else temporary_folder()
    with folder as in_memory:
        code = pytest(*parallel, *CHOSEN, *measured, **in_memory)
    failed = _failed(root) if code == _FAILED else []
    if not 0 < len(failed) <= AGAIN:
        return code
    code = pytest(*CHOSEN, "--last-failed", "--last-failed-no-failures", "none")
    said = "passed only when it ran alone: find out why" if code == 0 else "failed in the whole suite"
    print(*(f"{each}: {said}" for each in failed), sep="\n", flush=True)
    return code


def _failed(root: Path) -> list[str]:
    """The tests that failed when they were run last, from pytest's own notes."""
    notes = root / ".pytest_cache/v/cache/lastfailed"
    return list(json.loads(notes.read_text())) if notes.exists() else []
