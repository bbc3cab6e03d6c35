from __future__ import annotations

import datetime as dt

from liftgate.domain.planning.pins import Pin, active, holding

ENDING = Pin(pointer="/a", owner="ada", reason="load test", until=dt.date(2026, 3, 1))
ENDLESS = Pin(pointer="/b/*", owner="grace", reason="contract")


def test_a_pin_holds_until_the_end_of_its_last_day() -> None:
    assert active([ENDING, ENDLESS], dt.date(2026, 3, 1)) == (ENDING, ENDLESS)
    assert active([ENDING, ENDLESS], dt.date(2026, 3, 2)) == (ENDLESS,)


def test_a_pin_holds_everything_under_its_pattern() -> None:
    assert holding([ENDING, ENDLESS], "/b/x/y") is ENDLESS
    assert holding([ENDING, ENDLESS], "/b") is None


def test_a_pin_says_whose_it_is_why_and_how_long() -> None:
    assert str(ENDING) == "pinned by ada until 2026-03-01: load test"
    assert str(ENDLESS) == "pinned by grace: contract"
