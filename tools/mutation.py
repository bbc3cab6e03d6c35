"""`./dev mutate`: how many mutants of the approval and signature rules their tests kill, and which ones survive."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
MUTANTS: Final = ROOT / "mutants"
"""Where mutmut works: a copy of the checkout, with all mutants in it."""
WANTED: Final = 95
"""Percent of the mutants."""
DEADLINE: Final = 3600
"""Seconds for the whole run."""


def killed_percent(stats: dict[str, int]) -> float:
    """A mutant that no test reaches survives; one that never ends is killed."""
    return 100 * (stats["killed"] + stats["timeout"]) / stats["total"] if stats["total"] else 0.0


def main() -> int:
    """0 if enough mutants are killed. `pyproject.toml` says which modules are mutated, and by which tests."""
    shutil.rmtree(MUTANTS, ignore_errors=True)  # results of older tests say nothing
    if _mutmut("run", "--max-children", str(os.cpu_count() or 1)).returncode:
        return 1
    _mutmut("export-cicd-stats")
    stats = json.loads((MUTANTS / "mutmut-cicd-stats.json").read_text())
    percent = killed_percent(stats)
    print(_mutmut("results", quiet=True).stdout, end="")
    print(f"killed {percent:.1f} % of {stats['total']} mutants; `mutmut show NAME` shows one that survived")
    return 0 if percent >= WANTED else 1


def _mutmut(*arguments: str, quiet: bool = False) -> subprocess.CompletedProcess[str]:
    # With CI=true hypothesis tries the same examples in each run, so the result does not depend on luck.
    variables = {**os.environ, "CI": "true"}
    command = [str(Path(sys.executable).parent / "mutmut"), *arguments]
    output = subprocess.PIPE if quiet else None
    return subprocess.run(command, cwd=ROOT, env=variables, stdout=output, text=True, check=False, timeout=DEADLINE)


if __name__ == "__main__":
    sys.exit(main())
