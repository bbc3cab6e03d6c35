"""The entries for a plan are in the order of their times, also those under an earlier name of the application."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.services.merge_base import entries_for
from tests.examples import NOW, entry


def recorded(name: str, day: int) -> Entry:
    when = NOW + timedelta(days=day)
    return entry(application=name, promotion=f"{name}-{day}", times=Times(requested=when, finished=when))


def test_those_of_an_earlier_name_come_before_those_of_the_new_one() -> None:
    ledger = [recorded("shop", 1), recorded("shop", 2), recorded("store", 3), recorded("store", 4)]
    at = SimpleNamespace(entries=lambda name="": [each for each in ledger if name in ("", each.application)])
    tree: Any = SimpleNamespace(names=lambda name: (name, "shop"))
    assert entries_for(at, tree, "store", "staging") == ledger
