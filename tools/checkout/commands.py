"""The commands of `./dev`: which packages each one needs, and which ones see the user's own settings."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from liftgate.runtime.environment import scrubbed
from liftgate.runtime.signals import end_at_interrupt
from tools.checkout import checks, suite
from tools.checkout.environment import Environment
from tools.checkout.step import NotPossible

ROOT = Path(__file__).resolve().parents[2]
USAGE = """usage: ./dev COMMAND

  demo [--yes] [--exit]   show Liftgate with an example on this machine
  test [PYTEST OPTION …]  the whole test suite (--coverage: with the lines that it covers)
  long [--minutes 60]     the tests that are marked `long`, those first that passed longest ago
  check                   format, lint, types, import contracts, file sizes
  bench [--write]         the figures of docs/benchmarks.md
  mutate                  how many mutants of the approval and signature rules their tests kill
  prefect [PYTEST OPTION …]  the tests that touch Prefect, with its oldest and newest supported version
  pictures                the screenshots of the documentation (needs Debian's chromium)
  up                      Prefect server, worker and Liftgate server
  liftgate …              the command line, from this checkout"""
DEBUG = "LIFTGATE_DEBUG"
INTERRUPTED = 130


def main(arguments: Sequence[str]) -> int:
    """Exit code of the command; 2 for an unknown one, 4 when the setup is not possible, 130 for an interrupted one."""
    end_at_interrupt()
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    if command in ("", "-h", "--help", "help"):
        print(USAGE)
        return 0 if command else 2
    action = COMMANDS.get(command)
    if action is None:
        print(f"./dev has no command {command!r}\n\n{USAGE}", file=sys.stderr)
        return 2
    try:
        return action(rest)
    except NotPossible as reason:
        print(f"./dev: {reason}", file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        return INTERRUPTED


def alone(*, development: bool = True) -> tuple[Path, dict[str, str]]:
    """The environment's Python, set up if needed, and the variables without the user's own settings for servers."""
    python = Environment(ROOT / ".venv", ROOT).prepared(development=development)
    return python, _with_checkout(python, scrubbed(os.environ, keep=[DEBUG]))


def _with_checkout(python: Path, variables: Mapping[str, str]) -> dict[str, str]:
    return {**variables, "PYTHONPATH": str(ROOT), "PATH": f"{python.parent}:{variables.get('PATH', '')}"}


def liftgate(arguments: Sequence[str]) -> int:
    """The command line with the user's own settings; only the demo runs without them."""
    if next((word for word in arguments if not word.startswith("-")), "") == "demo":
        python, variables = alone(development=False)
    else:
        python = Environment(ROOT / ".venv", ROOT).prepared(development=False)
        variables = _with_checkout(python, dict(os.environ))
    return _become(python, arguments, variables)


def _become(python: Path, arguments: Sequence[str], variables: Mapping[str, str]) -> NoReturn:
    """Replace this process, so that the command gets the signals and sets the exit code."""
    os.execve(python, [str(python), "-m", "liftgate.cli.main", *arguments], variables)


def bench(arguments: Sequence[str]) -> int:
    python, variables = alone()
    return subprocess.call([python, "-m", "tools.bench", *arguments], cwd=ROOT, env=variables)


def mutate(_: Sequence[str]) -> int:
    python, variables = alone()
    return subprocess.call([python, "-m", "tools.mutation"], cwd=ROOT, env=variables)


def long(arguments: Sequence[str]) -> int:
    python, variables = alone()
    return subprocess.call([python, "-m", "tools.long_tests", *arguments], cwd=ROOT, env=variables)


def prefect(arguments: Sequence[str]) -> int:
    python, variables = alone()
    return subprocess.call([python, "-m", "tools.prefect_versions", *arguments], cwd=ROOT, env=variables)


def pictures(_: Sequence[str]) -> int:
    python, variables = alone()
    return subprocess.call([python, "-m", "tools.pictures"], cwd=ROOT, env=variables)


def test(arguments: Sequence[str]) -> int:
    python, variables = alone()
    return suite.run(python, ROOT, variables, arguments)


def check(_: Sequence[str]) -> int:
    python, variables = alone()
    return checks.run(python, ROOT, variables)


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "demo": lambda rest: liftgate(["demo", *rest]),
    "up": lambda rest: liftgate(["up", *rest]),
    "liftgate": liftgate,
    "test": test,
    "long": long,
    "check": check,
    "bench": bench,
    "mutate": mutate,
    "prefect": prefect,
    "pictures": pictures,
}
