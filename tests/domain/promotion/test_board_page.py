"""A long board is shown by pages, those that wait first."""

from __future__ import annotations

import pytest

from liftgate.domain.promotion.board import Board, Going, Line, board
from liftgate.domain.promotion.board_page import LINES, page_of
from tests.examples import NOW


def of(waiting: int, lines: int) -> Board:
    going = [
        Going(
            promotion=f"p{number:04}",
            title="",
            application=f"app-{number:04}",
            environment="dev",
            activity="waiting",
            sentence="",
            since=NOW,
        )
        for number in range(waiting)
    ]
    return board(("dev",), [Line(application=f"app-{number:04}", cells=()) for number in range(lines)], going, ())


@pytest.mark.parametrize(
    ("waiting", "lines", "last"), [(0, 0, 1), (3, 100, 1), (0, 101, 2), (250, 20, 3), (1000, 1000, 10)]
)
def test_each_line_is_on_one_page(waiting: int, lines: int, last: int) -> None:
    whole = of(waiting, lines)
    pages = [page_of(whole, number) for number in range(1, last + 1)]
    assert {page.last for page in pages} == {last}
    assert [line for page in pages for line in page.lines] == [*whole.lines]
    assert [going for page in pages for going in page.waiting] == [*whole.waiting]
    assert max(len(page.lines) for page in pages) <= LINES


@pytest.mark.parametrize(("asked", "given"), [(-1, 1), (0, 1), (2, 2), (3, 3), (4, 3), (10**6, 3)])
def test_a_page_that_is_not_there_is_the_nearest_one(asked: int, given: int) -> None:
    assert page_of(of(250, 20), asked).number == given
