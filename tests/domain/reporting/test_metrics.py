"""What is counted of the ledger: monotonic, complete from the start, and every failure in one place."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.drift.drift import Changed
from liftgate.domain.drift.record import Drifting, Here, Place, Record, Status, drift_status
from liftgate.domain.ledger.ledger import Entry, Times
from liftgate.domain.reporting.metrics import BUCKETS, KINDS, OUTCOMES, bucketed, drifting, error_of, tally
from tests.examples import NOW, entry

STAGING = Place(application="example-app", environment="staging")
UNSYNCED = Times(requested=NOW, committed=NOW, finished=NOW + timedelta(seconds=9))


def ended(outcome: str, *, synced: bool = True, kind: str = "promote") -> Entry:
    return entry(outcome=outcome, kind=kind, **({} if synced else {"times": UNSYNCED}))


def test_every_name_is_there_from_the_start() -> None:
    nothing = tally([], STAGING)
    assert nothing.outcomes == dict.fromkeys(OUTCOMES, 0)
    assert nothing.errors == dict.fromkeys(KINDS, 0)
    assert nothing.last_error == dict.fromkeys(KINDS, 0.0)


def test_what_failed_before_it_was_synced_is_a_sync_error_and_after_it_one_of_verification() -> None:
    assert error_of(ended("rolled back", synced=False)) == "sync"
    assert error_of(ended("rolled back")) == "verification"
    assert error_of(ended("rollback failed", kind="rollback")) == "rollback"


def test_a_gate_that_stayed_shut_and_a_rollback_that_went_well_are_no_errors() -> None:
    for outcome in ("refused", "expired", "superseded", "promoted", "verified"):
        assert error_of(ended(outcome)) is None
    assert error_of(ended("verified", kind="rollback")) is None


def test_a_rollback_is_counted_once_and_its_sync_is_a_sync_like_others() -> None:
    found = tally([ended("rolled back"), ended("verified", kind="rollback")], STAGING)
    assert {name: number for name, number in found.outcomes.items() if number} == {"rolled back": 1}
    assert len(found.applied) == 2


def test_other_places_are_not_counted() -> None:
    assert tally([entry(environment="prod")], STAGING) == tally([], STAGING)


def test_the_last_error_has_its_time() -> None:
    found = tally([ended("failed", synced=False), ended("promoted")], STAGING)
    assert found.last_error == {"sync": UNSYNCED.finished.timestamp(), "verification": 0.0, "rollback": 0.0}


def test_the_last_good_outcome_has_its_time_a_rollbacks_too() -> None:
    later = Times(requested=NOW, verified=NOW + timedelta(seconds=60), finished=NOW + timedelta(seconds=61))
    assert tally([], STAGING).last_verified == 0.0
    assert tally([ended("promoted"), ended("failed")], STAGING).last_verified == NOW.timestamp()
    healed = entry(outcome="verified", kind="rollback", times=later)
    assert tally([ended("promoted"), healed], STAGING).last_verified == NOW.timestamp() + 60


CHANGED = Record(
    **STAGING.model_dump(), number=1, kind="cluster moved", seen=NOW,
    objects=(Changed(object="Deployment/web"), Changed(object="Service/web")),
)  # fmt: skip


def looked(status: Status, *here: Here) -> Drifting:
    return Drifting(here=here, statuses=((STAGING, status),), looked=NOW)


def test_drift_is_what_the_last_look_saw() -> None:
    seen = looked("OutOfSync", Here(place=STAGING, sentence="changed", objects=1))
    assert drifting(seen, []) == drifting(seen, [CHANGED]) == {STAGING: 1}
    for status in ("Synced", "Unknown"):
        assert drifting(looked(status), [CHANGED]) == {}


def test_a_look_that_cannot_say_it_yet_ends_no_drift() -> None:
    for unsure in (Drifting(), Drifting(notice="no answer", looked=NOW), looked("OutOfSync")):
        assert drifting(unsure, [CHANGED]) == {STAGING: 2}
        assert drifting(unsure, [CHANGED.copy_with(over=NOW)]) == {}


ENTRIES = st.lists(
    st.builds(ended, st.sampled_from(OUTCOMES), synced=st.booleans(), kind=st.sampled_from(("promote", "rollback")))
)


@given(ENTRIES, ENTRIES)
def test_no_count_falls_when_the_ledger_grows(before: list[Entry], more: list[Entry]) -> None:
    old, new = tally(before, STAGING), tally([*before, *more], STAGING)
    assert all(new.outcomes[name] >= number for name, number in old.outcomes.items())
    assert all(new.errors[kind] >= number for kind, number in old.errors.items())
    assert len(new.applied) >= len(old.applied)


@given(st.lists(st.floats(min_value=0, max_value=10_000)))
def test_buckets_are_cumulative_and_the_last_holds_all(seconds: list[float]) -> None:
    found = bucketed(seconds)
    numbers = [number for _, number in found]
    assert [bound for bound, _ in found] == [*BUCKETS, float("inf")]
    assert numbers == sorted(numbers)
    assert numbers[-1] == len(seconds)


def test_the_worst_application_speaks_for_the_place() -> None:
    assert drift_status(["Synced", "Synced"]) == "Synced"
    assert drift_status(["Synced", "OutOfSync"]) == "OutOfSync"
    assert drift_status(["OutOfSync", None]) == drift_status(["Unknown"]) == drift_status([]) == "Unknown"
