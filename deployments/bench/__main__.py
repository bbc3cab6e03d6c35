"""`./dev bench [--write] [SECTION …]`: the sections of docs/benchmarks.md, printed, and written there on request."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from deployments.bench import promotion, scanner, values
from deployments.worker import bench as worker

SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "values": ("Values and plans", values.report),
    "scanner": ("The secret scan", scanner.report),
    "worker": ("Starting a flow", worker.report),
    "promotion": ("Updates and rollbacks", promotion.report),
}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def main(arguments: list[str]) -> int:
    wanted = [name for name in arguments if name in SECTIONS] or list(SECTIONS)
    page = [_head()]
    for name in wanted:
        title, report = SECTIONS[name]
        page.append(f"## {title}\n\n{report()}")
        print(page[-1], flush=True)
    if "--write" in arguments:
        PAGE.write_text("\n".join(page))
    return 0


def _head() -> str:
    """Who reads figures wants to know of what."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    return (
        "# Benchmarks\n\n"
        "Measured by `./dev bench --write`, all in one run; read ratios, not absolutes.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load at the start {load}.\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
