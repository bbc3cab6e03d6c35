"""`./dev test`: the whole suite, three tests at a time on two cores, with what was skipped counted and named."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PARALLEL = ("-n", "3", "--dist", "loadscope", "--no-loadscope-reorder")


def run(python: Path, root: Path, variables: Mapping[str, str], arguments: Sequence[str]) -> int:
    """pytest's exit code. Paths or options given are pytest's; without any the whole suite runs."""
    options = list(arguments) or [*PARALLEL, "-q", "-m", "not long"]
    return subprocess.call([python, "-m", "pytest", *options], cwd=root, env=dict(variables))
