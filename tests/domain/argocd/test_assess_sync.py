"""The judge: every state of the wait, and no way for any of them to look like success."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.argocd.assess_sync import assess_sync
from liftgate.domain.argocd.snapshot import Operation, Snapshot
from liftgate.domain.argocd.sync_assessment import Known, SyncAssessment
from tests.examples import NOW

OURS, OLD, LATER = "a" * 40, "b" * 40, "c" * 40
DONE = Operation(phase="Succeeded", revisions=(OURS,), promotion="p", started=NOW, finished=NOW)
GOOD: dict[str, Any] = {
    "name": "example-app-prod",
    "operation": DONE,
    "sync": "Synced",
    "revisions": (OURS,),
    "synced_revisions": (OURS,),
    "health": "Healthy",
    "reconciled": NOW + timedelta(seconds=1),
    "resources": 2,
    "auto_sync": True,
}
KNOWN: dict[str, Any] = {
    "accepted": frozenset({OURS}), "superseded": frozenset({LATER}), "promotion": "p", "healthy_for": 5.0,
}  # fmt: skip


def judged(known: dict[str, Any] | None = None, **seen: Any) -> SyncAssessment:
    return assess_sync(Snapshot.model_validate(GOOD | seen), Known.model_validate(KNOWN | (known or {})))


def operation(**changes: Any) -> Operation:
    return DONE.copy_with(**changes)


def test_synced_and_healthy_at_our_commit_is_done() -> None:
    assert judged() == SyncAssessment(state="done", sentence="synced and healthy", action="done")


BLOCKED = operation(phase="Running", message="Sync operation blocked by sync window")
RETRY_OF_OLDER = {"operation": operation(phase="Running", message="boom", revisions=(OLD,), promotion="")}
RUNS_OLDER = {"operation": operation(phase="Running", finished=None, revisions=(OLD,), promotion="")}
IN_A_HOOK = {"operation": operation(phase="Running", finished=None, revisions=(OLD,), promotion="", in_hook=True)}
AWAY = operation(phase="Error", message="ComparisonError: failed to list refs: status code: 503")
UNRUN: dict[str, Any] = {"operation": operation(revisions=(OLD,), promotion=""), "synced_revisions": (OLD,)}
"""Synced at our commit without an operation on it."""
OUT: dict[str, Any] = {"sync": "OutOfSync", "operation": None}


TWO: dict[str, Any] = {"sources": ("g@main", "g@stable")}
"""Both of one repository: what the second one has is no matter of our commit."""


def two(other: str, phase: str = "Succeeded", **more: Any) -> dict[str, Any]:
    """The snapshot of both sources at these revisions, and of an operation with them."""
    both = (OURS, other)
    return TWO | {
        "revisions": both,
        "synced_revisions": both,
        "operation": operation(phase=phase, revisions=both, **more),
    }


def lasted(state: str, seconds: float) -> dict[str, Any]:
    return {"state": state, "lasted": seconds}


CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("gone", "wait", {"deleting": True}, {}),
    ("gone", "fail", {"deleting": True}, lasted("gone", 31)),
    ("pending", "wait", {"requested": Operation(revisions=(OURS,)), "operation": None}, {}),
    ("pending", "wait", {"requested": Operation(revisions=(OURS,))}, {}),
    ("running", "wait", {"operation": operation(phase="Running", finished=None)}, {}),
    ("retrying", "fail", {"operation": operation(phase="Running", message="boom")}, {}),
    ("retrying", "wait", {"operation": operation(phase="Running", message="failed calling webhook x")}, {}),
    ("retrying", "terminate", RETRY_OF_OLDER, {"older": frozenset({OLD})}),
    ("retrying", "wait", RETRY_OF_OLDER, {}),
    ("running", "wait", RUNS_OLDER, {}),
    ("held up", "wait", RUNS_OLDER, {"older": frozenset({OLD})}),
    ("held up", "terminate", RUNS_OLDER, {"older": frozenset({OLD})} | lasted("held up", 5)),
    ("running", "wait", IN_A_HOOK, {"older": frozenset({OLD})} | lasted("running", 60)),
    ("running", "wait", RUNS_OLDER, {"failing": "pod w does not run"}),
    ("pods failing", "fail", {"operation": operation(phase="Running", finished=None)}, {"failing": "pod w"}),
    ("pods failing", "fail", {"health": "Progressing"}, {"failing": "pod w"}),
    ("done", "done", {}, {"failing": "pod w"}),
    ("terminating", "refresh", {"operation": operation(phase="Terminating")}, {}),
    ("blocked", "refresh", {"operation": BLOCKED}, {}),
    ("blocked", "fail", {"operation": BLOCKED}, {"answered": 3} | lasted("blocked", 11)),
    ("blocked", "refresh", {"operation": BLOCKED}, {"answered": 2} | lasted("blocked", 11)),
    ("operation failed", "fail", {"operation": operation(phase="Failed")}, {}),
    ("operation failed", "fail", {"operation": operation(phase="Error", promotion="")}, {}),
    ("operation failed", "fail", {"operation": operation(phase="Failed", message="Operation terminated")}, {}),
    ("failed attempt", "wait", {"operation": AWAY}, {}),
    ("failed attempt", "sync", {"operation": AWAY}, lasted("failed attempt", 1.1)),
    ("failed attempt", "wait", {"operation": AWAY}, {"syncs": 2} | lasted("failed attempt", 3.9)),
    ("operation failed", "fail", {"operation": AWAY}, {"syncs": 3}),
    ("unknown", "refresh", {"operation": AWAY, "sync": "Unknown"}, {}),
    ("unknown", "refresh", {"sync": "Unknown", "conditions": (("ComparisonError", "rpc: Unavailable"),)}, {}),
    (
        "unknown", "refresh",
        {"sync": "Unknown", "revisions": ("main",), "conditions": (("ComparisonError", "bad yaml"),)}, {},
    ),
    (
        "render failed", "fail",
        {"sync": "Unknown", "revisions": ("main",), "conditions": (("ComparisonError", "bad yaml"),)},
        {"render_failures": 2},
    ),
    ("hydration failed", "fail", {"hydration": "cannot push", "revisions": (OLD,)}, {"refreshes": 2}),
    ("undetected", "refresh", {"hydration": "cannot push", "revisions": (OLD,)}, {"refreshes": 1}),
    ("undetected", "refresh", {"revisions": (OLD,)}, {}),
    ("undetected", "refresh", {"revisions": ("main",)}, {}),
    ("undetected", "refresh", {"revisions": (OURS, OLD), "sources": ("g@main", "g@main")}, {}),
    ("done", "done", {"revisions": (OURS, OLD), "sources": ("g@main", "charts@1.4"), "operation": None}, {}),
    ("running", "wait", two(OLD, "Running", finished=None), {"older": frozenset({OLD})} | lasted("held up", 60)),
    ("done", "done", two(OLD), {"older": frozenset({OLD})}),
    ("running", "wait", two(LATER, "Running", finished=None), {}),
    ("done", "done", two(LATER), {}),
    ("superseded", "superseded", two(LATER) | {"sources": ("g@main", "g@main")}, {}),
    ("superseded", "superseded", {"revisions": (LATER,)}, {}),
    ("superseded", "superseded", {"operation": operation(phase="Running", finished=None, revisions=(LATER,))}, {}),
    ("needs sync", "wait", OUT, {}),
    ("needs sync", "sync", OUT, lasted("needs sync", 6)),
    ("needs sync", "sync", OUT | {"auto_sync": False}, {}),
    ("needs sync", "wait", OUT | {"operation": operation(partial=True)}, {}),
    ("needs sync", "sync", {"operation": operation(partial=True), "synced_revisions": (OLD,)}, {}),
    ("done", "done", {"operation": operation(partial=True), "synced_revisions": (OURS,)}, {}),
    ("needs sync", "sync", {"operation": operation(dry_run=True), "synced_revisions": (OLD,)}, {}),
    ("done", "done", {"operation": operation(dry_run=True), "synced_revisions": (OURS,)}, {}),
    ("untested", "look", UNRUN, {}),
    ("untested", "look", UNRUN | {"operation": None, "synced_revisions": ()}, {}),
    ("needs sync", "sync", UNRUN, {"hooks": "due"}),
    ("done", "done", UNRUN, {"hooks": "run"}),
    ("done", "done", UNRUN | {"synced_revisions": (OURS,)}, {"hooks": "due"}),
    ("operation failed", "fail", UNRUN | {"operation": operation(phase="Failed")}, {"hooks": "due"}),
    ("pending", "wait", UNRUN | {"requested": Operation()}, {"hooks": "due"}),
    ("refused", "sync", UNRUN, {"hooks": "due", "refused": "a sync window"}),
    ("needs sync", "sync", {"operation": operation(hookless=True)}, {}),
    ("refused", "sync", OUT, {"refused": "a sync window"}),
    ("refused", "fail", OUT, {"refused": "a sync window", "refused_for": 10}),
    (
        "prune needed", "fail",
        {"sync": "OutOfSync", "out_of_sync": ("ConfigMap/old",), "needs_pruning": ("ConfigMap/old",)}, {},
    ),
    (
        "stale", "refresh",
        {
            "sync": "OutOfSync", "out_of_sync": ("ConfigMap/old",), "needs_pruning": ("ConfigMap/old",),
            "reconciled": NOW,
        }, {},
    ),
    ("comparing", "refresh", {"sync": "OutOfSync", "out_of_sync": ("Deployment/web",)}, {}),
    ("comparing", "sync", {"sync": "OutOfSync", "out_of_sync": ("Deployment/web",)}, lasted("comparing", 11)),
    (
        "comparing", "fail",
        {"sync": "OutOfSync", "out_of_sync": ("Deployment/web",)}, {"syncs": 3} | lasted("comparing", 11),
    ),
    ("stale", "refresh", {"reconciled": NOW}, {}),
    ("stale", "refresh", {"reconciled": None}, {"refreshes": -1}),
    ("stale", "refresh", {"compared_here": False}, {}),
    ("condition", "refresh", {"conditions": (("SyncError", "Failed last sync attempt"),)}, {}),
    ("condition", "fail", {"conditions": (("SyncError", "Failed last sync attempt"),)}, {"refreshes": 2}),
    ("condition", "refresh", {"conditions": (("ComparisonError", "i/o timeout"),)}, {"refreshes": 2}),
    ("degraded", "wait", {"health": "Degraded"}, {}),
    ("degraded", "fail", {"health": "Degraded"}, lasted("degraded", 31)),
    ("degraded", "wait", {"health": "Degraded"}, {"was_better": True} | lasted("degraded", 9)),
    ("degraded", "fail", {"health": "Degraded"}, {"was_better": True} | lasted("degraded", 10)),
    ("degraded", "wait", {"health": "Degraded", "degraded": ("HorizontalPodAutoscaler/web",)}, {"was_better": True}),
    ("degraded", "fail", {"health": "Degraded", "degraded": ("Deployment/web",)}, {"was_better": True}),
    ("progressing", "wait", {"health": "Progressing"}, {}),
    ("progressing", "wait", {"health": ""}, {}),
    ("suspended", "wait", {"health": "Suspended"}, {}),
    ("empty", "fail", {"resources": 0}, {}),
    ("settling", "wait", {"custom": ("Rollout/web",)}, {"healthy_for": 0.2}),
    ("done", "done", {"custom": ("Rollout/web",)}, {"healthy_for": 5.1}),
    ("done", "done", {}, {"healthy_for": 0.0}),
]  # fmt: skip


def test_what_earlier_commits_left_over_is_not_listed_among_what_differs() -> None:
    old = tuple(f"ConfigMap/values-{number}" for number in range(32))
    said = judged(sync="OutOfSync", out_of_sync=(*old, "Deployment/web"), needs_pruning=old).sentence
    assert said == "synced, but Deployment/web differs from the commit"


def test_an_application_that_is_not_there_yet_may_still_come() -> None:
    never = Known.model_validate(KNOWN | {"was_there": False})
    assert assess_sync(None, never).action == "wait"
    assert assess_sync(None, never.copy_with(**(lasted("absent", 201.0)))).action == "fail"
    assert assess_sync(None, Known.model_validate(KNOWN | lasted("gone", 31.0))).action == "fail"


@pytest.mark.parametrize(("state", "action", "seen", "known"), CASES)
def test_each_state_has_its_name_and_what_to_do(
    state: str, action: str, seen: dict[str, Any], known: dict[str, Any]
) -> None:
    assessment = judged(known, **seen)
    assert (assessment.state, assessment.action) == (state, action)


def test_a_refresh_after_the_end_proves_what_an_equal_second_cannot() -> None:
    assert judged({"refreshes": 0}, reconciled=NOW).action == "refresh"
    assert judged({"refreshes": 1}, reconciled=NOW).action == "done"


def test_a_failed_hook_leaves_the_application_healthy_and_is_still_a_failure() -> None:
    failed = operation(phase="Failed", message="tasks failed", failures=("Job/integration-test: backoff limit",))
    assessment = judged(operation=failed)
    assert assessment.action == "fail"
    assert "Job/integration-test: backoff limit" in assessment.sentence


def test_a_failed_operation_of_an_older_commit_is_not_ours() -> None:
    assert judged(operation=operation(phase="Failed", revisions=(OLD,), promotion="")).action == "done"


def test_a_dry_run_of_somebody_is_not_a_failure_of_ours() -> None:
    failed = operation(phase="Failed", dry_run=True)
    assert judged(operation=failed, synced_revisions=(OURS,)).action == "done"


PHASES = st.sampled_from(["", "Running", "Succeeded", "Failed", "Error", "Terminating"])
REVISIONS = st.sampled_from([(), ("main",), (OURS,), (OLD,), (LATER,)])


@given(
    st.builds(
        Operation,
        phase=PHASES,
        revisions=REVISIONS,
        finished=st.sampled_from([None, NOW]),
        promotion=st.sampled_from(["", "p"]),
    ),
    st.sampled_from(["Synced", "OutOfSync", "Unknown"]),
    REVISIONS,
    st.sampled_from(["Healthy", "Degraded", "Progressing", "Missing", ""]),
    st.booleans(),
)
def test_success_is_only_our_commit_synced_healthy_and_nothing_under_way(
    last: Operation, sync: str, revisions: tuple[str, ...], health: str, requested: bool
) -> None:
    assessment = judged(
        {"refreshes": 3}, operation=last, sync=sync, revisions=revisions, health=health,
        requested=last if requested else None,
    )  # fmt: skip
    if assessment.action == "done":
        assert (sync, health, revisions) == ("Synced", "Healthy", (OURS,))
        assert last.phase not in ("Running", "Terminating")
        assert not (requested and last.phase != "Succeeded" and last.phase not in ("Failed", "Error", ""))
