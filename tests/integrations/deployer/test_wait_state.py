"""What counts as a fresh comparison after an operation's end."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.argocd.snapshot import Operation, Snapshot
from liftgate.integrations.deployer.wait_state import WaitState
from tests.examples import NOW

OURS = "a" * 40
ENDED = Operation(phase="Succeeded", revisions=(OURS,), started=NOW, finished=NOW)
RUNNING = ENDED.copy_with(phase="Running", finished=None)


def seen(**changes: Any) -> Snapshot:
    """Synced and healthy at our commit, compared in the second in which the operation ended."""
    values: dict[str, Any] = {
        "name": "shop-dev", "operation": ENDED, "sync": "Synced", "revisions": (OURS,), "synced_revisions": (OURS,),
        "health": "Healthy", "reconciled": NOW, "resources": 1,
    }  # fmt: skip
    return Snapshot.model_validate(values | changes)


@pytest.fixture
def memory() -> WaitState:
    return WaitState("p", lambda _: "accepted", 0.0)


def test_one_refresh_that_was_asked_for_after_the_end_is_enough(memory: WaitState) -> None:
    assert memory.assess_sync(seen(), 1.0).state == "stale"
    memory.refreshed(seen())
    assert memory.assess_sync(seen(), 2.0).action == "done"


def test_the_answer_that_shows_the_end_first_was_asked_for_before_it(memory: WaitState) -> None:
    memory.assess_sync(seen(operation=RUNNING), 1.0)
    memory.refreshed(seen())
    assert memory.assess_sync(seen(), 2.0).state == "stale"
    memory.refreshed(seen())
    assert memory.assess_sync(seen(), 3.0).action == "done"


def test_a_refresh_that_was_pending_when_the_end_was_seen_may_have_begun_before_it(memory: WaitState) -> None:
    memory.assess_sync(seen(refresh_pending=True), 1.0)
    memory.refreshed(seen())
    assert memory.assess_sync(seen(), 2.0).state == "stale"
    memory.refreshed(seen())
    assert memory.assess_sync(seen(), 3.0).action == "done"


def test_a_refresh_of_before_says_nothing_of_an_operation_that_ended_in_the_same_second(memory: WaitState) -> None:
    """The second one began and ended between two looks."""
    memory.assess_sync(seen(), 1.0)
    memory.refreshed(seen())
    healed = ENDED.copy_with(heals=1, partial=True)
    assert memory.assess_sync(seen(operation=healed), 2.0).state == "stale"
