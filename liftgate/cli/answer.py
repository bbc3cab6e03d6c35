"""The answer of a command: text for people, the same as data for programs, and the exit code."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from liftgate.domain.common.plain import visible

DONE, FAILED = 0, 1
_COLOURS: Final = {"green": "32", "red": "31", "yellow": "33", "dim": "2", "bold": "1"}

_PAINTED: Final = re.compile("(\x1b\\[(?:0|1|2|3[1-6]|90)m)")


class Usage(Exception):
    """The arguments do not fit together."""

    exit_code = 2


@dataclass(frozen=True)
class Answer:
    """The command's KEYS document the keys of `data`."""

    text: str
    data: Mapping[str, Any]
    code: int = DONE


def has_colour() -> bool:
    """Only on a terminal, and only if the user did not turn colours off (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if has_colour() and text else text


def on_terminal(text: str) -> str:
    """What may be printed: invisible characters as escapes, except our own colours on a terminal that has some."""
    parts = _PAINTED.split(text) if has_colour() else [text]
    return "".join(part if at % 2 else visible(part) for at, part in enumerate(parts))


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with aligned columns; the last column is not padded."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def say(line: str) -> None:
    """Print progress to standard error, apart from the answer."""
    print(on_terminal(line), file=sys.stderr, flush=True)


def is_asked() -> bool:
    """Whether a person at a terminal can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """What the person types, or an empty string. The question goes to standard error, like progress."""
    print(on_terminal(f"{question}: "), end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def confirm(question: str, *, usual: bool) -> bool:
    """Whether the person says yes; Enter alone is the usual answer."""
    said = ask(f"{question} {'[Y/n]' if usual else '[y/N]'}").lower()
    return said in ("y", "yes") or (usual and not said)
