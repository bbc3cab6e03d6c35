"""`./dev test`: the whole test suite, several tests at a time."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PARALLEL = ("-n", "5", "--dist", "loadscope", "--no-loadscope-reorder")
COVERAGE = "--coverage"
MEASURED = ("--cov", "--cov-report=term:skip-covered")
"""Lines and branches, as pyproject.toml configures; printed after the tests."""


def run(python: Path, root: Path, variables: Mapping[str, str], arguments: Sequence[str]) -> int:
    """pytest's exit code. Arguments go to pytest; without any, the whole suite runs. `--coverage` prints which code the
    tests run."""
    given = [each for each in arguments if each != COVERAGE]
    options = given or [*PARALLEL, "-q", "-m", "not long"]
    if COVERAGE in arguments:
        options += MEASURED
    return subprocess.call([python, "-m", "pytest", *options], cwd=root, env=dict(variables))
