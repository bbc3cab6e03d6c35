"""A run is taken from a worker that is gone, and from no worker that lives, whatever happens to Prefect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.promotion import liveness
from liftgate.domain.promotion.liveness import BEAT, GAP, SAFE, SILENT, UNHEARD, UNNAMED, Watch, has_lost_worker
from tests.examples import NOW

LENGTH = 400
AWAY = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(1, 150)), max_size=4)
"""When Prefect goes away, and for how many seconds."""
LOOKS = st.lists(st.integers(1, 4), min_size=LENGTH, max_size=LENGTH)
"""Seconds between two looks."""


def watched(looks: list[int], away: list[tuple[int, int]], lives: Callable[[int], bool]) -> dict[int, float]:
    """The silence of one worker at each look, while it sends a heartbeat every few seconds as long as it lives."""

    def is_up(second: int) -> bool:
        return not any(begins <= second < begins + length for begins, length in away)

    watch: Watch | None = None
    heard, silences, due = NOW, {}, 0
    for second in range(LENGTH):
        if second % int(BEAT) == 0 and is_up(second) and lives(second):
            heard = NOW + timedelta(seconds=second)
        if second >= due:
            due = second + looks[second]
            watch = liveness.look(watch, {"w": heard}, second, GAP) if is_up(second) else None
            silences[second] = watch.unchanged("w") if watch else 0.0
    return silences


@given(LOOKS, AWAY)
def test_no_outage_takes_a_run_from_a_worker_that_lives(looks: list[int], away: list[tuple[int, int]]) -> None:
    silences = watched(looks, away, lambda _: True)
    assert max(silences.values()) < SILENT


@given(LOOKS, AWAY, st.integers(0, LENGTH))
def test_a_worker_that_is_gone_is_found_soon_after_its_last_sign_or_the_last_outage(
    looks: list[int], away: list[tuple[int, int]], dies: int
) -> None:
    silences = watched(looks, away, lambda second: second < dies)
    certain = max([dies, *(begins + length for begins, length in away)]) + 2 * 4 + SILENT
    assert all(silence >= SILENT for second, silence in silences.items() if second > certain)
    assert all(silence < SILENT for second, silence in silences.items() if second < dies - BEAT + SILENT)


def test_a_worker_that_prefect_does_not_list_is_silent_since_the_first_look() -> None:
    watch = liveness.look(liveness.look(None, {}, 10.0), {"other": NOW}, 15.0)
    assert (watch.unchanged("w"), watch.unchanged("other"), watch.all_unchanged()) == (5.0, 0.0, 0.0)
    assert liveness.look(None, {}, 1.0).all_unchanged() == 0.0


@pytest.mark.parametrize(
    ("state", "is_named", "unchanged", "silent", "lost"),
    [
        ("RUNNING", True, SILENT, SILENT, True),
        ("RUNNING", True, SILENT - 1, UNHEARD, False),
        ("RUNNING", True, UNHEARD, SILENT - 1, False),
        ("PENDING", True, SILENT, SILENT, True),
        ("PENDING", True, UNHEARD, 0.0, False),
        ("CANCELLING", True, SILENT, SILENT, True),
        ("RUNNING", False, UNHEARD, UNHEARD, True),
        ("RUNNING", False, 10 * UNHEARD, SILENT, False),
        ("PENDING", False, UNNAMED, 0.0, True),
        ("PENDING", False, SILENT, UNHEARD, False),
        ("CANCELLING", False, UNNAMED, 0.0, True),
    ],
)
def test_each_state_has_its_rule(state: str, is_named: bool, unchanged: float, silent: float, lost: bool) -> None:
    assert has_lost_worker(state, is_named=is_named, unchanged=unchanged, silent=silent) is lost


def test_a_process_asks_before_its_run_can_be_taken() -> None:
    assert SAFE + BEAT < SILENT
