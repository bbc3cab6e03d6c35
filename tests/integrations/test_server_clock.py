"""How far another clock is ahead, from the date of one answer."""

from __future__ import annotations

from email.utils import formatdate

import pytest

from liftgate.integrations.server_clock import seconds_ahead

NOW = 1_800_000_000.0


def said(offset: float, *, took: float = 0.2, **more: str) -> float | None:
    """What is found of a server whose clock is ahead, which answers in the middle of the request."""
    date = formatdate(NOW + took / 2 + offset, usegmt=True)
    return seconds_ahead({"date": date} | more, NOW, NOW + took)


@pytest.mark.parametrize("took", [0.0, 0.2, 3.0])
@pytest.mark.parametrize("offset", [0.0, 0.4, -0.9])
def test_what_whole_seconds_and_the_way_explain_is_no_difference(offset: float, took: float) -> None:
    found = said(offset, took=took)
    assert found is not None
    assert abs(found) < 1.0


@pytest.mark.parametrize("offset", [-120.0, -5.0, 5.0, 120.0, 86_400.0])
def test_a_difference_is_found_to_a_second(offset: float) -> None:
    found = said(offset)
    assert found is not None
    assert abs(found - offset) <= 1.2


def test_without_a_time_of_its_own_nothing_is_known() -> None:
    assert seconds_ahead({}, NOW, NOW) is None
    assert seconds_ahead({"date": "yesterday"}, NOW, NOW) is None
    assert said(-120.0, age="120") is None
