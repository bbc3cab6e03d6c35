"""What stands in one cell of the board."""

from __future__ import annotations

import pytest

from liftgate.domain.overview import Cell, Underway, cell
from liftgate.domain.ledger import Entry, Times
from tests.examples import NOW, entry

UNDERWAY = Underway(
    promotion="now", application="example-app", environment="staging", waiting=True, said="waits for ada"
)


def staging(*entries: Entry, underway: tuple[Underway, ...] = ()) -> Cell:
    return cell("example-app", "staging", "1.4.2", entries, underway)


def test_nothing_happened_yet_is_unknown() -> None:
    assert staging().state == "unknown"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("promoted", "verified"),
        ("verified", "verified"),
        ("rolled back", "verified"),
        ("failed", "bad"),
        ("rollback failed", "bad"),
    ],
)
def test_the_last_outcome_says_what_stands_there(outcome: str, state: str) -> None:
    assert staging(entry(outcome=outcome)).state == state


@pytest.mark.parametrize("outcome", ["refused", "expired", "superseded"])
def test_what_changed_nothing_says_nothing(outcome: str) -> None:
    later = Times(requested=NOW, finished=NOW.replace(year=2027))
    assert staging(entry(), entry(promotion="later", outcome=outcome, times=later)).state == "verified"


def test_what_is_under_way_comes_first() -> None:
    found = staging(entry(), underway=(UNDERWAY,))
    assert (found.state, found.said, found.promotion) == ("waiting", "waits for ada", "now")


def test_another_environment_is_not_meant() -> None:
    assert staging(underway=(UNDERWAY.model_copy(update={"environment": "prod"}),)).state == "unknown"
