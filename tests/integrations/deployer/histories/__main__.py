"""Play histories again: `python -m tests.integrations.deployer.histories SEED`, or `FIRST LAST` for many.

With `--watched` they are watched for drift.
"""

from __future__ import annotations

import sys
import time

from tests.integrations.deployer.histories.generator import Told, tell


def main(first: int, last: int | None = None, *, watched: bool = False) -> int:
    """One is told in full; of many, those that ended wrong."""
    if last is None:
        told = tell(first, watched=watched)
        print("\n".join(told.lines))
        print(_summary(told))
        return bool(told.wrong)
    began, wrong = time.monotonic(), 0
    for seed in range(first, last + 1):
        told = tell(seed, watched=watched)
        if told.wrong:
            wrong += 1
            print(_summary(told), flush=True)
    print(f"{last - first + 1} histories, {wrong} wrong, {time.monotonic() - began:.0f} s")
    return bool(wrong)


def _summary(told: Told) -> str:
    end = told.deployed
    said = f"{told.wrong or 'right'}: {end.state} ({end.reason}) after {told.seconds:.1f} s, {told.calls} calls"
    return f"{told.seed}: {told.title.strip()}: {said}"


if __name__ == "__main__":
    seeds = [int(word) for word in sys.argv[1:] if word != "--watched"]
    sys.exit(main(*seeds, watched="--watched" in sys.argv))
