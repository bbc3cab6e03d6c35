"""`./dev bench [--write | --small] [SECTION …]`: prints the sections of docs/benchmarks.md; --write saves them.

It leaves the other sections unchanged. Each section states when and under which load it was measured.
"""

from __future__ import annotations

import os
import platform
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from liftgate.domain.common.nearest import nearest
from tools.bench import adopt, encrypted, growth, memory, promotion, scale, scanner, values, worker

SECTIONS: dict[str, tuple[str, Callable[[], str]]] = {
    "values": ("Values and plans", values.report),
    "encrypted": ("Many applications under SOPS", encrypted.report),
    "adopt": ("The first commands in an existing repository", adopt.report),
    "scanner": ("The secret scan", scanner.report),
    "worker": ("Starting a flow", worker.report),
    "memory": ("Memory", memory.report),
    "growth": ("A long past", growth.report),
    "promotion": ("Updates and rollbacks", promotion.report),
    "scale": ("Many applications, and many that wait", scale.report),
}
SMALL: dict[str, Callable[[], str]] = {
    "growth": growth.small,
    "memory": memory.small,
    "promotion": promotion.small,
    "scale": scale.small,
}
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def main(arguments: list[str]) -> int:
    parser = ArgumentParser("./dev bench", description=f"Measures what {PAGE.name} shows, and prints it.")
    parser.add_argument("sections", metavar="SECTION", nargs="*", type=_section, help=", ".join(SECTIONS))
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--write", action="store_true", help="write the sections into the page; keep the others")
    mode.add_argument("--small", action="store_true", help="fewer runs, to check that it works")
    parser.add_argument("--applications", metavar="10,50", type=_numbers, help="of scale: only nights of so many")
    parser.add_argument("--usual", metavar="10,50", type=_numbers, help="of scale: only usual nights of so many")
    parser.add_argument("--waiting", metavar="1000", type=_number, help="of scale: only so many that wait")
    given = parser.parse_args(arguments)
    chosen = given.applications or (), given.usual or (), given.waiting or 0
    if any(chosen) and (given.sections != ["scale"] or given.small):
        parser.error("--applications, --usual and --waiting are for: ./dev bench scale")
    measured = {}
    for name in given.sections or SECTIONS:
        title, report = SECTIONS[name]
        if given.small:
            report = SMALL.get(name, report)
        if any(chosen):
            report = partial(scale.report, *chosen)
        measured[title] = f"{_when()}\n\n{report()}"
        print(f"## {title}\n\n{measured[title]}", flush=True)
    if given.write:
        PAGE.write_text(page(PAGE.read_text(), measured))
    return 0


def _section(name: str) -> str:
    if name not in SECTIONS:
        raise ArgumentTypeError(f'there is no "{name}": {nearest(name, SECTIONS)}')
    return name


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f'"{text}" is not a number of at least 1')
    return int(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(_number, text.split(",")))


def page(old: str, measured: dict[str, str]) -> str:
    """The page with the measured sections (title -> text) in place of the old ones, in the order of SECTIONS; sections
    that people wrote stay below them."""
    sections = dict(part.split("\n\n", 1) for part in old.split("\n## ")[1:]) | measured
    known = [title for title, _ in SECTIONS.values()]
    titles = [title for title in known if title in sections] + [title for title in sections if title not in known]
    return "\n".join([_HEAD, *(f"## {title}\n\n{sections[title].rstrip()}\n" for title in titles)])


_HEAD = "# Benchmarks\n\nMeasured by `./dev bench --write`; compare ratios within one table, not absolute figures.\n"


def _when() -> str:
    """The date, the machine and its load."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {machine}, load at the start {load}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
