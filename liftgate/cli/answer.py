"""What a command has to say: text for people, the same as data for programs, and the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

DONE, FAILED = 0, 1
_COLOURS: Final = {"green": "32", "red": "31", "yellow": "33", "dim": "2", "bold": "1"}


class Usage(Exception):
    """The arguments cannot mean anything together."""

    exit_code = 2


@dataclass(frozen=True)
class Answer:
    """`data` has the keys that the command's KEYS document."""

    text: str
    data: Mapping[str, Any]
    code: int = DONE


def has_colour() -> bool:
    """Only on a terminal, and not against the user's wish (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str) -> str:
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if has_colour() and text else text


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines with the columns aligned; the last column is as long as it is."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def say(line: str) -> None:
    """Progress, beside the answer."""
    print(line, file=sys.stderr, flush=True)


def is_asked() -> bool:
    """Whether a person at a terminal can answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str) -> str:
    """What the person types; empty for nothing. The question stands beside the answer, like progress."""
    print(f"{question}: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()
