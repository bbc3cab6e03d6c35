"""A value that takes long to make is shown with its age while a newer one is made."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread, Timer

import pytest

from liftgate.integrations.clock import SystemClock
from liftgate.server.kept import Kept, Seen
from tests.clocks import Ahead


class Slow:
    """Gives 1, 2, …, each when it may."""

    def __init__(self) -> None:
        self.may, self.number = Event(), 0

    def make(self) -> int:
        assert self.may.wait(30)
        self.may.clear()
        self.number += 1
        return self.number


@pytest.fixture
def slow() -> Iterator[Slow]:
    made = Slow()
    made.may.set()
    yield made
    made.may.set()


def test_a_recent_value_is_given_at_once_while_a_newer_one_is_made(slow: Slow) -> None:
    kept = Kept(SystemClock(), 0.0, slow.make, within=30.0, recent=30.0)
    assert kept.get() == Seen(1)
    for _ in range(3):
        seen = kept.get()
        assert (seen.value, seen.trouble) == (1, "a newer one is being read")
    slow.may.set()
    while kept.get().value == 1:
        pass
    assert slow.number == 2, "one is made for all who ask meanwhile"


def test_no_one_waits_for_a_newer_one_that_takes_longer_than_they_would_wait() -> None:
    clock = Ahead()

    def make() -> int:
        clock.ahead += 5.0
        return 1

    kept = Kept(clock, 0.0, make, within=30.0, recent=30.0)
    assert kept.get() == Seen(1)
    assert kept._patience() == 0.0
    quick = Kept(clock, 0.0, lambda: 1, within=30.0, recent=30.0)
    quick.get()
    assert quick._patience() > 0.0


def test_an_old_one_is_given_only_after_a_wait_for_the_newer_one(slow: Slow) -> None:
    kept = Kept(SystemClock(), 0.0, slow.make, within=30.0, recent=0.0)
    assert kept.get() == Seen(1)
    slow.may.set()
    assert kept.get() == Seen(2)


def test_after_a_change_no_value_of_before_it_is_given_as_a_recent_one(slow: Slow) -> None:
    kept = Kept(SystemClock(), 0.0, slow.make, within=30.0, recent=30.0)
    assert kept.get() == Seen(1)
    kept.forget()
    Timer(0.5, slow.may.set).start()
    assert kept.get() == Seen(2)


def test_a_value_that_was_begun_before_a_change_takes_the_place_of_no_newer_one() -> None:
    begun, may_end = Event(), Event()
    numbers = iter((1, 2))

    def make() -> int:
        number = next(numbers)
        if number == 1:
            begun.set()
            assert may_end.wait(30)
        return number

    kept = Kept(SystemClock(), 30.0, make, within=30.0, recent=30.0)
    early = Thread(target=kept.get)
    early.start()
    assert begun.wait(30)
    kept.forget()
    assert kept.get() == Seen(2)
    may_end.set()
    early.join(30)
    assert kept._last is not None
    assert kept._last[1] == 2
