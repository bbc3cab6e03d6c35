"""The places of a worker, without Prefect: a herd goes through them in order, and a rollback never waits behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect.client.schemas.objects import FlowRun

from liftgate.domain.runs.capacity import connections, fitting, others
from liftgate.errors import Misconfigured
from worker.machine import cores, memory
from worker.slots import Slots, in_order, limit_here

NIGHT = datetime(2026, 11, 29, 2, tzinfo=UTC)
GIB = 2**30


def run(minute: float, count: int = 0) -> FlowRun:
    return FlowRun(flow_id=uuid4(), expected_start_time=NIGHT + timedelta(minutes=minute), run_count=count)


def drained(slots: Slots, due: list[FlowRun], rollbacks: set[UUID], random: Random) -> list[FlowRun]:
    """The runs in the order in which they got a place; those that have one end in any order."""
    waiting, holding, order = list(due), list[FlowRun](), list[FlowRun]()
    while waiting or holding:
        for each in in_order(waiting, rollbacks, set()):
            if slots.take(is_rollback=each.id in rollbacks):
                waiting.remove(each)
                holding.append(each)
                order.append(each)
        assert len(holding) <= slots.limit
        assert sum(each.id not in rollbacks for each in holding) <= others(slots.limit)
        ended = holding.pop(random.randrange(len(holding)))
        slots.leave(is_rollback=ended.id in rollbacks)
    return order


@given(st.integers(2, 9), st.randoms(use_true_random=False))
def test_a_herd_goes_through_in_the_order_of_its_schedule(limit: int, random: Random) -> None:
    herd = [run(minute) for minute in range(60)]
    assert drained(Slots(limit), herd, set(), random) == herd


def test_a_rollback_gets_a_place_at_once_while_500_others_wait() -> None:
    slots, rollback = Slots(3), run(600)
    while slots.take(is_rollback=False):
        pass
    assert (slots.free, slots.is_for_rollbacks) == (1, True)
    herd = [run(minute) for minute in range(500)]
    assert in_order([*herd, rollback], {rollback.id}, set())[0] == rollback
    assert slots.take(is_rollback=True)
    assert not slots.take(is_rollback=True), "a limit is a limit for rollbacks too"


def test_runs_that_began_before_go_before_new_ones_also_when_they_crashed_before_they_ran() -> None:
    new, resumed, crashed_pending = run(1), run(5, count=1), run(9)
    assert in_order([new, resumed, crashed_pending], set(), {crashed_pending.id}) == [resumed, crashed_pending, new]


def test_the_default_limit_fits_the_cores_and_the_memory() -> None:
    assert fitting(2, 8 * GIB) == 8
    assert fitting(64, 8 * GIB) == 16, "the memory is less"
    assert fitting(1, GIB // 2) == 4, "nightly, two promotions and a rollback always find a place"


def test_the_limit_is_a_setting_and_otherwise_fits_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limit_here() >= 4
    monkeypatch.setenv("LIFTGATE_WORKER__LIMIT", "3")
    assert limit_here() == 3
    monkeypatch.setenv("LIFTGATE_WORKER__LIMIT", "1")
    with pytest.raises(Misconfigured, match="2 is the least: one place is reserved for a rollback"):
        limit_here()


def test_the_limits_of_a_container_count(tmp_path: Path) -> None:
    assert (cores(tmp_path), memory(tmp_path)) == (cores(), memory()), "without a container"
    for limit, cpu, expected in (("max", "max 100000", cores()), ("536870912", "100000 100000", 1)):
        (tmp_path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / "cpu.max").write_text(f"{cpu}\n")
        assert cores(tmp_path) == expected
    assert memory(tmp_path) == GIB // 2


def test_the_connections_to_prefects_database_are_more_than_the_runs() -> None:
    for limit in (2, 40, 200):
        assert sum(connections(limit)) > limit + 15
