"""No false success, no false failure, none beyond its deadline: whatever happens around a promotion."""

from __future__ import annotations

import pytest

from tests.integrations.deployer.histories.generator import tell

EACH = 15


def _check(first: int) -> None:
    told = [tell(seed) for seed in range(first, first + EACH)]
    wrong = [f"{one.wrong}: python -m tests.integrations.deployer.histories {one.seed}" for one in told if one.wrong]
    assert not wrong, "\n".join(["play them again with", *wrong])


@pytest.mark.parametrize("first", range(1, 76, EACH))
def test_the_wait_tells_it_as_it_was(first: int) -> None:
    _check(first)


@pytest.mark.long
@pytest.mark.parametrize("first", range(76, 10_081, EACH))
def test_the_wait_tells_it_as_it_was_ten_thousand_times(first: int) -> None:
    _check(first)


def _check_drift(first: int, each: int) -> None:
    told = [tell(seed, watched=True) for seed in range(first, first + each)]
    again = "python -m tests.integrations.deployer.histories --watched"
    wrong = [f"{one.wrong}: {again} {one.seed}" for one in told if one.wrong]
    assert not wrong, "\n".join(["play them again with", *wrong])


def test_no_promotion_is_taken_for_drift_though_argocd_heals_what_is_right() -> None:
    _check_drift(1, 15)


@pytest.mark.long
@pytest.mark.parametrize("first", range(1, 1_000, 50))
def test_no_promotion_of_a_thousand_is_taken_for_drift(first: int) -> None:
    _check_drift(first, 50)


def test_a_history_is_the_same_whenever_it_is_played() -> None:
    assert tell(12).lines == tell(12).lines
