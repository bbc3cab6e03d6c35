"""Limits of a measured value, and how much worse it may be than before."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.checks.threshold import Threshold, excess

NUMBERS = st.floats(-1e6, 1e6)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_value_holds_exactly_within_its_limits(value: float, low: float, high: float) -> None:
    assert (excess(Threshold(min=low, max=high), value, None) == "") is (low <= value <= high)


@given(NUMBERS, NUMBERS, st.floats(0, 10), st.floats(0, 10))
def test_a_value_may_rise_so_far(before: float, after: float, rise: float, slack: float) -> None:
    assert (excess(Threshold(rise=rise, slack=slack), after, before) == "") is (after <= before * rise + slack)


def test_nothing_known_is_never_right() -> None:
    assert excess(Threshold(rise=2), 1, None)
    assert excess(Threshold(rise=2), 1, float("nan"))
    assert excess(Threshold(), float("nan"), None)
    assert excess(Threshold(), 1, None) == ""
