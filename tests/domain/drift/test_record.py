"""drift changes as records: counted once each, however often, by however many, they are seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from liftgate.domain.drift import record as drift_record
from liftgate.domain.drift.drift import Changed, Finding, Heal, Kind
from liftgate.domain.drift.record import (
    Place,
    Record,
    Saw,
    Span,
    drift_end,
    fresh,
    healed,
    is_told,
    joined,
    news,
    reaches,
)  # fmt: skip
from tests.examples import NOW

PROD = Place(application="example-app", environment="prod")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def finding(*names: str, kind: Kind = "cluster moved") -> Finding:
    return Finding(kind=kind, objects=tuple(Changed(object=name) for name in names), revision="a" * 40)


def record(*names: str, **changes: Any) -> Record:
    found = fresh(finding(*(names or ("Deployment/web",))), PROD, [], NOW)
    assert found is not None
    return found.copy_with(**changes)


HEAL = Heal(objects=("Deployment/web",), revision="a" * 40, began=NOW, ended=later(1))


def at(seconds: float) -> Heal:
    return HEAL.copy_with(began=later(seconds), ended=later(seconds + 1))


def saw(*heals: Heal, found: Finding | None = None) -> Saw:
    return Saw(PROD, found or finding(kind="none"), NOW, heals)


def test_a_drift_is_fresh_until_it_is_written_down() -> None:
    first = fresh(finding("Deployment/web"), PROD, [], NOW)
    assert first is not None
    assert (first.number, first.seen, first.revision) == (1, NOW, "a" * 40)
    assert fresh(finding("Deployment/web"), PROD, [first], later(60)) is None


def test_one_more_object_is_one_more_change() -> None:
    second = fresh(finding("Deployment/web", "Service/web"), PROD, [record()], later(60))
    assert second is not None
    assert (second.number, second.names) == (2, frozenset({"Service/web"}))


def test_the_same_object_changed_again_after_it_was_in_order_is_another_change() -> None:
    over = record(over=later(30))
    again = fresh(finding("Deployment/web"), PROD, [over], later(60))
    assert again is not None
    assert again.number == 2
    assert again.id != over.id


def test_what_git_moved_or_nobody_pruned_is_never_written_down() -> None:
    for kind in ("none", "busy", "unknown", "leftovers", "git moved", "self-healed"):
        assert fresh(finding("Deployment/web", kind=kind), PROD, [], NOW) is None


def test_a_drift_is_over_when_none_of_its_objects_drifts() -> None:
    two = record("Deployment/web", "Service/web")
    assert drift_end(finding("Service/web"), [two], later(60)) == []
    (ending,) = drift_end(finding(kind="none"), [two], later(60))
    assert joined([two], [ending])[0].over == later(60)


def test_while_nothing_is_certain_nothing_is_over() -> None:
    for kind in ("busy", "unknown"):
        assert drift_end(finding(kind=kind), [record()], later(60)) == []


def test_a_self_heal_is_one_change_that_is_over() -> None:
    found = healed(HEAL, PROD, [])
    assert found is not None
    assert (found.kind, found.seen, found.over) == ("self-healed", NOW, later(1))
    assert healed(HEAL, PROD, [found]) is None
    assert healed(at(90), PROD, [found]) is not None


def test_a_drift_that_argocd_put_back_after_a_while_is_counted_once() -> None:
    late = at(100)
    assert healed(late, PROD, [record()]) is None
    assert healed(late, PROD, [record(over=later(102))]) is None
    assert healed(late, PROD, [record(over=later(10))]) is not None
    assert healed(late, PROD, [record("Service/web")]) is not None


def test_what_argocd_puts_back_between_a_commit_and_its_outcome_is_not_somebodys_change() -> None:
    span = Span(later(100), later(160))
    for seconds, told in ((60, True), (98, False), (100, False), (130, False), (160, False), (200, True)):
        assert (news(saw(at(seconds)), [], [span]) is not None) is told, seconds


def test_while_a_promotion_is_under_way_nothing_is_written_and_what_lasts_is_written_afterwards() -> None:
    lasting = saw(found=finding("Deployment/web"))
    assert news(lasting, [], [Span(later(100), None)]) is None
    assert news(saw(at(60)), [], [Span(later(100), None)]) is None
    assert news(lasting, [], [Span(later(-100), later(-40))]) is not None


def test_of_a_fight_only_the_beginning_is_told_and_a_change_of_another_day_again() -> None:
    first = healed(at(0), PROD, [])
    again = first and healed(at(300), PROD, [first])
    assert first
    assert again
    tomorrow = healed(at(86_400), PROD, [first, again])
    assert tomorrow
    soon, latest = timedelta(seconds=30), timedelta(minutes=10)
    assert is_told(first, [], first.seen + soon, latest)
    assert not is_told(again, [first], again.seen + soon, latest)
    assert is_told(tomorrow, [first, again], tomorrow.seen + soon, latest)
    assert not is_told(tomorrow, [first, again], tomorrow.seen + latest * 2, latest)


def test_the_alert_counts_what_its_window_holds() -> None:
    earlier, newest = record(seen=later(-90)), record(seen=NOW)
    assert reaches([earlier, newest], newest, 1, timedelta(minutes=1))
    assert not reaches([earlier, newest], newest, 2, timedelta(minutes=1))
    assert reaches([earlier, newest], newest, 2, timedelta(minutes=2))


LOOKS = st.lists(st.sets(st.sampled_from(["Deployment/a", "Deployment/b", "Service/c"])), max_size=12)


@given(LOOKS)
def test_every_time_an_object_begins_to_drift_is_in_exactly_one_open_record(looks: list[set[str]]) -> None:
    records: list[Record] = []
    for minute, names in enumerate(looks):
        now = later(60 * minute)
        seen = finding(*names) if names else finding(kind="none")
        records = joined(records, drift_end(seen, records, now))
        for _ in range(2):
            new = fresh(seen, PROD, records, now)
            records += [new] if new else []
        open_names = [name for each in records if drift_record.is_open(each) for name in each.names]
        assert len(open_names) == len(set(open_names))
        assert names <= set(open_names)
    assert [each.number for each in records] == list(range(1, len(records) + 1))
