"""`python -m tests.chaos SEED … [--rounds N] [--operations N] [--faults N] [--write] [--keep]`: run the plans of these
seeds. The same seed and numbers replay a run."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from liftgate.runtime.signals import end_at_interrupt
from tests.chaos import results
from tests.chaos.driver import Report, chaos
from tests.chaos.plan import make_plan


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.chaos", description=__doc__)
    parser.add_argument("seeds", type=int, nargs="+", metavar="SEED")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--operations", type=int, default=8, help="of each round")
    parser.add_argument("--faults", type=int, default=4, help="of each round")
    parser.add_argument("--write", action="store_true", help=f"write the table into {results.PAGE.name}")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the folders with the logs of all programs, also where nothing is broken",
    )
    given = parser.parse_args()
    end_at_interrupt()
    reports: list[Report] = []
    for seed in given.seeds:
        reports.append(_run(seed, given))
        if given.write:
            results.write(reports)
    print(results.table(reports))
    return 1 if any(each.broken for each in reports) else 0


def _run(seed: int, given: argparse.Namespace) -> Report:
    plan = make_plan(seed, given.rounds, given.operations, given.faults)
    folder = Path(tempfile.mkdtemp(prefix="liftgate-chaos-"))
    is_whole = False
    try:
        report = chaos(plan, folder, lambda line: print(line, flush=True))
        is_whole = not report.broken
    finally:
        if is_whole and not given.keep:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            print(f"the logs are in {folder}")
    for each in report.broken:
        print(f"BROKEN: {each}")
    print(f"replay: {results.command(report)}", flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
