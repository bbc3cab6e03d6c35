"""A board by pages: no person reads a thousand lines, and no browser needs to."""

from __future__ import annotations

from typing import Final

from liftgate.domain.common.value import Value
from liftgate.domain.promotion.board import Board, Going, Line

LINES: Final = 100
"""Applications on a page, and promotions that wait for people."""


class BoardPage(Value):
    number: int
    """From 1."""
    last: int
    waiting: tuple[Going, ...]
    lines: tuple[Line, ...]


def page_of(board: Board, number: int) -> BoardPage:
    """The page of that number, or the nearest one that there is."""
    last = max(1, -(-max(len(board.waiting), len(board.lines)) // LINES))
    number = min(max(number, 1), last)
    shown = slice((number - 1) * LINES, number * LINES)
    return BoardPage(number=number, last=last, waiting=board.waiting[shown], lines=board.lines[shown])
