"""`./dev long`: runs the tests that are marked `long`, those first that did not pass for the longest time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tools.checkout.scratch import temporary_folder

ROOT: Final = Path(__file__).resolve().parents[1]
PASSED: Final = "tests/long_tests.json"
"""When each of them passed last, at which commit, and how long it took. It is committed."""
MINUTES: Final = 60
CHOSEN: Final = ("-q", "-m", "long", "-p", "no:cacheprovider")
SHOWN: Final = 4000
"""Characters of the output of a test that failed."""


def main(arguments: Sequence[str]) -> int:
    """1 if a test failed."""
    parser = ArgumentParser("./dev long", description="Runs the long tests, those first that passed longest ago.")
    parser.add_argument("paths", metavar="PATH", nargs="*", help="only tests there; else all")
    parser.add_argument(
        "--minutes", type=float, default=MINUTES, help="after which no further one begins (%(default)s)"
    )
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1, help="how many run at the same time")
    parser.add_argument("--list", action="store_true", help="run none; show when each one passed")
    given = parser.parse_args(arguments)
    with temporary_folder() as variables:
        tests = LongTests(ROOT, variables)
        cases = tests.found(given.paths)
        if given.list:
            print(*tests.lines(cases), tests.summary(cases), sep="\n")
            return 0
        failed = tests.run(cases, given.minutes * 60, given.at_once)
    print(*(f"failed: {name}" for name in failed), tests.summary(cases), sep="\n", flush=True)
    return 1 if failed else 0


@dataclass
class LongTests:
    """Of the project in this folder. All cases of a test count as one, and run in one process of pytest."""

    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    """That the tests get besides those of this process."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def found(self, paths: Sequence[str] = ()) -> dict[str, int]:
        """How many cases each test has, by its name; the ones that passed longest ago, or never, first."""
        collected = self._pytest("--collect-only", *paths)
        if collected.returncode:
            raise SystemExit(collected.stdout)
        cases = Counter(line.partition("[")[0] for line in collected.stdout.splitlines() if "::" in line)
        passed = self.passed()
        return dict(sorted(cases.items(), key=lambda each: (passed.get(each[0], {}).get("on", ""), each[0])))

    def passed(self) -> dict[str, dict[str, Any]]:
        file = self.root / PASSED
        return dict(json.loads(file.read_text())) if file.exists() else {}

    def run(self, cases: Mapping[str, int], seconds: float, at_once: int) -> list[str]:
        """The names of those that failed."""
        until, failed = time.monotonic() + seconds, list[str]()
        left, commit, ends = iter(cases), self._commit(), threading.Event()

        def one_after_the_other() -> None:
            while time.monotonic() < until and not ends.is_set() and (name := self._next(left)):
                if not self._passes(name, cases[name], commit):
                    failed.append(name)

        with ThreadPoolExecutor(at_once) as pool:
            try:
                for ended in [pool.submit(one_after_the_other) for _ in range(at_once)]:
                    ended.result()
            finally:
                ends.set()  # a person interrupted it
        return sorted(failed)

    def lines(self, cases: Mapping[str, int]) -> Iterator[str]:
        passed = self.passed()
        for name, number in cases.items():
            known = passed.get(name)
            when = f"{known['on']} at {known['commit']}, {known['seconds']} s" if known else "never"
            yield f"{name} ({number}): {when}"

    def summary(self, cases: Mapping[str, int]) -> str:
        passed = self.passed()
        dates = sorted(passed[name]["on"] for name in cases if name in passed)
        oldest = f", the oldest on {dates[0]}" if dates else ""
        return f"{len(dates)} of {len(cases)} long tests have passed{oldest}"

    def _next(self, left: Iterator[str]) -> str | None:
        with self._lock:
            return next(left, None)

    def _passes(self, name: str, cases: int, commit: str) -> bool:
        began = time.monotonic()
        done = self._pytest(name)
        seconds = round(time.monotonic() - began)
        print(f"{'failed' if done.returncode else 'passed'}: {name}, {cases} cases in {seconds} s", flush=True)
        if done.returncode:
            print(done.stdout[-SHOWN:], flush=True)
            return False
        self._keep(name, {"on": f"{datetime.now(UTC):%Y-%m-%d}", "commit": commit, "cases": cases, "seconds": seconds})
        return True

    def _keep(self, name: str, passed: dict[str, Any]) -> None:
        with self._lock:
            known = dict(sorted({**self.passed(), name: passed}.items()))
            rows = ",\n".join(f"{json.dumps(each)}: {json.dumps(known[each])}" for each in known)
            (self.root / PASSED).write_text(f"{{\n{rows}\n}}\n")

    def _pytest(self, *options: str) -> subprocess.CompletedProcess[str]:
        variables = {**os.environ, **self.variables}
        command = [sys.executable, "-m", "pytest", *CHOSEN, *options]
        pipe, both = subprocess.PIPE, subprocess.STDOUT
        return subprocess.run(command, cwd=self.root, env=variables, stdout=pipe, stderr=both, text=True, check=False)

    def _commit(self) -> str:
        said = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(said, cwd=self.root, capture_output=True, text=True, check=False).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
