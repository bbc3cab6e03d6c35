"""Drift: recorded answers of a real Argo CD are judged, and no state around a sync looks like drift."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.argocd.snapshot import Operation, Snapshot, read_snapshot
from liftgate.domain.drift.drift import (
    Changed,
    Compared,
    Finding,
    assess_drift,
    calm,
    heal,
    is_suspect,
    merged,
    needs_comparison,
    steady,
)  # fmt: skip
from tests.domain.argocd.test_snapshot import recorded
from tests.examples import NOW
from tests.integrations.deployer.recordings import seen_in

LAST, LATER = "a" * 40, "b" * 40
DONE = Operation(phase="Succeeded", revisions=(LAST,), started=NOW, finished=NOW)
HEALED = DONE.copy_with(automated=True, heals=2, partial=True, chosen=("Pod/a", "Pod/b"), changed=("Pod/a",))
DRIFTED: dict[str, Any] = {
    "name": "example-app-prod", "operation": DONE, "sync": "OutOfSync", "revisions": (LAST,),
    "synced_revisions": (LAST,), "health": "Healthy", "out_of_sync": ("Deployment/web",),
}  # fmt: skip
HAND = Compared(cluster=(Changed(object="Deployment/web", fields=("spec.replicas",)),))


def seen(**changes: Any) -> Snapshot:
    return Snapshot.model_validate(DRIFTED | changes)


@pytest.mark.parametrize(
    ("number", "kind", "objects"),
    [
        (110, "cluster moved", ["Deployment/app"]),
        (113, "none", []),
        (114, "cluster moved", ["ConfigMap/environment-config"]),
        (115, "cluster moved", ["Deployment/app"]),
        (117, "none", []),
        (187, "none", []),
        (122, "none", []),
        (123, "none", []),
    ],
)
def test_a_recorded_answer_is_judged(number: int, kind: str, objects: list[str]) -> None:
    found = assess_drift(read_snapshot(recorded(number)))
    assert (found.kind, [each.object for each in found.objects]) == (kind, objects)


def test_every_state_of_a_recorded_self_heal_but_the_lag_after_it_is_no_drift() -> None:
    """At its very end Argo CD shows the old disagreement for a moment: that is what the debounce is for."""
    kinds = [assess_drift(state) for state in sequence()]
    assert [found.kind for found in kinds[:5]] == ["none", "busy", "busy", "busy", "busy"]
    assert {found.kind for found in kinds[5:7]} == {"cluster moved"}
    assert {found.kind for found in kinds[7:]} == {"none"}


def sequence() -> list[Snapshot]:
    from json import loads

    from tests.domain.argocd.test_snapshot import CASES

    (path,) = CASES.glob("116-*.json")
    return [
        Snapshot(
            name="app-dev", sync=state["sync"], revisions=(state["rev"],), synced_revisions=("cd875b22",),
            requested=Operation() if state["op"] else None, out_of_sync=("Deployment/app",),
            operation=Operation(phase=state["phase"]) if state["phase"] else None,
        )
        for state in loads(path.read_text())["states"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("cluster moved", {}),
        ("cluster moved", {"operation": DONE.copy_with(phase="Failed")}),
        ("none", {"sync": "Synced", "out_of_sync": ()}),
        ("leftovers", {"out_of_sync": ("ConfigMap/old",), "needs_pruning": ("ConfigMap/old",)}),
        ("leftovers", {"sync": "Synced", "out_of_sync": ("ConfigMap/old",), "needs_pruning": ("ConfigMap/old",)}),
        ("git moved", {"revisions": (LATER,)}),
        ("git moved", {"synced_revisions": ()}),
        ("git moved", {"synced_here": False}),
        ("unknown", {"sync": "Unknown"}),
        ("busy", {"requested": Operation()}),
        ("busy", {"deleting": True}),
        ("busy", {"operation": DONE.copy_with(phase="Running")}),
        ("self-healed", {"sync": "Synced", "operation": HEALED}),
    ],
)
def test_each_kind_has_its_signs(kind: str, changes: dict[str, Any]) -> None:
    assert assess_drift(seen(**changes)).kind == kind


@pytest.mark.parametrize(
    ("kind", "compared"),
    [
        ("git moved", Compared(git=("Deployment/web",))),
        ("cluster moved", HAND),
        ("both", HAND.copy_with(git=("ConfigMap/web",))),
    ],
)
def test_where_the_revision_moved_the_comparison_tells(kind: str, compared: Compared) -> None:
    moved = seen(revisions=(LATER,))
    assert needs_comparison(moved)
    found = assess_drift(moved, compared)
    assert (found.kind, found.objects) == (kind, compared.cluster)


def test_what_a_failed_or_partial_sync_brought_of_another_commit_is_no_drift() -> None:
    tried = DONE.copy_with(phase="Failed", revisions=("c" * 40,), applied=("Deployment/web",))
    assert assess_drift(seen(revisions=(LATER,), operation=tried), HAND).kind == "git moved"
    for other in ({"applied": ("ConfigMap/web",)}, {"dry_run": True}, {"revisions": (LAST,)}):
        state = seen(revisions=(LATER,), operation=tried.copy_with(**other))
        assert assess_drift(state, HAND).kind == "cluster moved"


def test_a_comparison_is_asked_for_only_where_git_moved_and_something_was_synced_before() -> None:
    for changes in (
        {}, {"revisions": (LATER,), "synced_revisions": ()}, {"revisions": (LATER,), "synced_here": False},
        {"revisions": (LATER,), "sync": "Synced"}, {"revisions": (LATER,), "requested": Operation()},
    ):  # fmt: skip
        assert not needs_comparison(seen(**changes))


def healed(number: int, **changes: Any) -> tuple[str, ...]:
    """What the self-heal of a recording put back, had it begun a minute later."""
    found = read_snapshot(recorded(number))
    assert found.operation
    assert found.operation.started
    later = found.operation.copy_with(**({"started": found.operation.started + timedelta(minutes=1)} | changes))
    put_back = heal(found.copy_with(operation=later))
    return put_back.objects if put_back else ()


def test_a_self_heal_names_what_it_changed_and_neither_leftovers_nor_hooks() -> None:
    assert healed(117) == ("Deployment/app",)
    assert healed(187) == (), "begun from a late cache: what it applied was unchanged"
    leftover = {"chosen": ("Deployment/app", "ConfigMap/old", "Job/smoke"), "changed": ("Deployment/app",)}
    assert healed(117, **leftover) == ("Deployment/app",)
    assert healed(117, automated=False) == ()


def test_a_self_heal_within_seconds_of_the_full_sync_is_argocds_own_and_of_another_commit_no_heal_at_all() -> None:
    operation = HEALED.copy_with(started=NOW + timedelta(seconds=1))
    long_ago = NOW - timedelta(minutes=1)
    for synced_at, revision, is_told in ((NOW, LAST, False), (long_ago, LAST, True), (long_ago, LATER, False)):
        after = seen(sync="Synced", operation=operation, synced_at=synced_at, synced_revisions=(revision,))
        assert (heal(after) is not None) is is_told


def test_where_git_has_moved_since_the_last_sync_a_self_heal_is_told_by_what_was_seen_before() -> None:
    """Recording 307: scaled by hand after another environment's commit, which Argo CD then syncs like one of ours."""
    states = [read_snapshot(one) for one in seen_in(307)]
    before, after = calm(states[0]), states[4]
    assert before
    assert [calm(state) for state in states[1:4]] == [None] * 3
    put_back = heal(after, before)
    assert put_back
    assert put_back.objects == ("Deployment/shop",)
    assert heal(after) is None
    assert heal(after, before._replace(revisions=(LATER,))) is None, "a commit came in between"
    assert heal(after, before._replace(sources="other")) is None, "the Application itself was changed"
    assert heal(after, before._replace(created=NOW)) is None, "it was deleted and made again"
    assert heal(after, calm(after)) is None, "the operation came before"


SNAPSHOTS = st.builds(
    seen,
    sync=st.sampled_from(["Synced", "OutOfSync", "Unknown"]),
    revisions=st.sampled_from([(), (LAST,), (LATER,)]),
    synced_revisions=st.sampled_from([(), (LAST,)]),
    operation=st.none() | st.builds(Operation, phase=st.sampled_from(["", "Running", "Succeeded", "Failed", "Error"])),
    out_of_sync=st.lists(st.sampled_from(["Deployment/web", "ConfigMap/old"]), unique=True).map(tuple),
    needs_pruning=st.sampled_from([(), ("ConfigMap/old",)]),
    synced_here=st.booleans(),
    deleting=st.booleans(),
)
COMPARISONS = st.none() | st.sampled_from([Compared(), HAND, Compared(git=("ConfigMap/web",))])


@given(SNAPSHOTS, COMPARISONS)
def test_while_an_operation_is_asked_for_or_runs_there_is_no_drift(state: Snapshot, compared: Compared | None) -> None:
    for change in ({"requested": Operation()}, {"operation": Operation(phase="Running")}, {"deleting": True}):
        under_way = state.copy_with(**change)
        assert assess_drift(under_way, compared).kind == "busy"
        assert not is_suspect(under_way)


@given(SNAPSHOTS, COMPARISONS)
def test_drift_has_objects_and_nothing_else_but_a_heal_has(state: Snapshot, compared: Compared | None) -> None:
    found = assess_drift(state, compared)
    assert bool(found.objects) == found.is_drift
    assert not found.is_drift or state.sync == "OutOfSync"


@given(SNAPSHOTS)
def test_what_only_nobody_pruned_never_makes_drift(state: Snapshot) -> None:
    more = {name: (*getattr(state, name), "ConfigMap/older") for name in ("out_of_sync", "needs_pruning")}
    without, with_it = assess_drift(state), assess_drift(state.copy_with(**more))
    assert (with_it.is_drift, with_it.objects) == (without.is_drift, without.objects)


@given(SNAPSHOTS)
def test_what_a_list_says_misses_no_drift(state: Snapshot) -> None:
    if not is_suspect(state):
        assert not assess_drift(state).is_drift


@given(st.lists(st.sets(st.sampled_from("abc")), min_size=1, max_size=6))
def test_a_suspect_counts_from_where_it_was_one_without_a_break(looks: list[set[str]]) -> None:
    since: dict[str, Any] = {}
    for minute, suspects in enumerate(looks):
        since = steady(since, suspects, NOW + timedelta(minutes=minute))
    assert set(since) == looks[-1]
    for name, began in since.items():
        first = int((began - NOW).total_seconds()) // 60
        assert all(name in look for look in looks[first:])
        assert first == 0 or name not in looks[first - 1]


def test_an_object_is_named_with_its_fields() -> None:
    assert str(HAND.cluster[0]) == "Deployment/web: spec.replicas"
    assert str(Changed(object="Deployment/web", gone=True)) == "Deployment/web (deleted)"
    assert str(Changed(object="Deployment/web")) == "Deployment/web"
    assert Finding(kind="busy").is_certain is False


EU_US = ("web-eu", "web-us")
FINDINGS = st.sampled_from(
    ["none", "busy", "unknown", "leftovers", "self-healed", "git moved", "cluster moved", "both"]
).map(lambda kind: Finding(kind=kind, objects=HAND.cluster if kind in ("cluster moved", "both") else ()))


def test_of_several_applications_the_objects_say_whose_they_are() -> None:
    found = merged({"web-eu": Finding(kind="none"), "web-us": assess_drift(seen(), HAND)}, EU_US)
    assert (found.kind, found.is_certain) == ("cluster moved", True)
    assert [str(each) for each in found.objects] == ["web-us Deployment/web: spec.replicas"]


@given(FINDINGS, FINDINGS)
def test_several_applications_drift_as_soon_as_one_does_and_are_certain_when_all_are(
    one: Finding, two: Finding
) -> None:
    found = merged({"web-eu": one, "web-us": two}, EU_US)
    assert found.is_drift == (one.is_drift or two.is_drift)
    assert len(found.objects) == len(one.objects) + len(two.objects)
    assert found.is_certain == (one.is_certain and two.is_certain)
    assert not merged({"web-eu": one}, EU_US).is_certain, "the other one was not seen"
    assert merged({"web-eu": one}, ("web-eu",)) == one
