"""No false success, no false failure, none beyond its deadline: whatever happens around a promotion."""

from __future__ import annotations

import pytest

from tests.integrations.deployer.histories.generator import tell

EACH = 25


def _check(first: int) -> None:
    told = [tell(seed) for seed in range(first, first + EACH)]
    wrong = [f"{one.wrong}: python -m tests.integrations.deployer.histories {one.seed}" for one in told if one.wrong]
    assert not wrong, "\n".join(["play them again with", *wrong])


@pytest.mark.parametrize("first", range(1, 300, EACH))
def test_the_wait_tells_it_as_it_was(first: int) -> None:
    _check(first)


@pytest.mark.long
@pytest.mark.parametrize("first", range(1_001, 11_001, EACH))
def test_the_wait_tells_it_as_it_was_ten_thousand_times(first: int) -> None:
    _check(first)


def test_a_history_is_the_same_whenever_it_is_played() -> None:
    assert tell(12).lines == tell(12).lines
