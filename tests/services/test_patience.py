"""After the commit an error is no verdict: it is looked again until the deadline, whatever the error's class."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.services.patience import PAUSE, verdict_of_looks
from tests.examples import NOW

WITHIN = 60.0


class Virtual:
    """A clock whose time passes by sleeping alone."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def away_until(clock: Virtual, moment: float, error: Exception) -> Callable[[float], str]:
    def look(_: float) -> str:
        if clock.time < moment:
            raise error
        return "passed"

    return look


@pytest.mark.parametrize("error", [Unavailable("away"), Misconfigured("404"), Refused("no"), KeyError("a bug")])
def test_an_outage_after_the_commit_is_no_bad_verdict(error: Exception) -> None:
    clock = Virtual()
    assert verdict_of_looks(clock, WITHIN, away_until(clock, 13, error), lambda why: why) == "passed"
    assert 13 <= clock.time < 13 + 2 * PAUSE


def test_at_the_deadline_the_last_error_is_the_verdicts_sentence() -> None:
    clock = Virtual()
    said = verdict_of_looks(clock, WITHIN, away_until(clock, 1e9, Misconfigured("the token")), lambda why: why)
    assert said == "no verdict in time: the token"
    assert WITHIN - 2 * PAUSE <= clock.time <= WITHIN


def test_what_an_error_that_is_none_of_ours_says_is_not_shown() -> None:
    clock = Virtual()
    said = verdict_of_looks(clock, WITHIN, away_until(clock, 1e9, KeyError("s3cret")), lambda why: why)
    assert said == "no verdict in time: it raised KeyError"


def test_each_look_is_given_what_is_left() -> None:
    clock, given = Virtual(), list[float]()

    def look(left: float) -> str:
        given.append(left)
        if len(given) < 3:
            raise Unavailable("away")
        return "passed"

    verdict_of_looks(clock, WITHIN, look, lambda why: why)
    assert given == [WITHIN, WITHIN - PAUSE, WITHIN - 2 * PAUSE]
