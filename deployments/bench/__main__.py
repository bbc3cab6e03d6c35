"""`./dev bench [SECTION …]`: the sections of docs/benchmarks.md, as Markdown."""

from __future__ import annotations

import sys
from collections.abc import Callable

from deployments.bench import promotion, scanner, values
from deployments.worker import bench as worker

SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "values": ("Values and plans", values.report),
    "scanner": ("The secret scan", scanner.report),
    "worker": ("Starting a flow", worker.report),
    "promotion": ("Updates and rollbacks", promotion.report),
}


def main(wanted: list[str]) -> int:
    for name in wanted or SECTIONS:
        title, report = SECTIONS[name]
        print(f"## {title}\n\n{report()}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
