"""A change by hand on top of which Liftgate commits before a server saw it has an entry of its own."""

from __future__ import annotations

import pytest

from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Refused
from liftgate.integrations.deployer import Deployed
from liftgate.services.hand_made import find_hand_made
from liftgate.services.outcomes import Result, record_once
from tests.examples import text
from tests.lab import configured
from tests.services.by_hand import GATED, begin, hand_of, merge, propose, push, taken_over
from tests.services.course import Course


@pytest.fixture
def promoted(course: Course) -> Course:
    """1.4.2 was promoted to dev; a new release waits."""
    course.past("1.4.2")
    course.release("1.4.3")
    return course


def promotion_over(course: Course) -> Entry:
    """Of a promotion that plans and commits on top of what is there, before any server looks."""
    return course.finish(course.commit(course.begin(course.start("promote", to="dev"))))


def by_hand(course: Course) -> list[Entry]:
    return [each for each in course.lab.entries("dev") if each.by_hand]


def test_it_is_recorded_before_the_promotion_that_verifies_it(promoted: Course) -> None:
    merged = merge(promoted.lab, propose(promoted.lab, cache={"ttl": 5}), by="rosa")
    over = promotion_over(promoted)
    (entry,) = by_hand(promoted)
    assert (over.outcome, entry.outcome, entry.revision) == ("promoted", "superseded", merged)
    assert entry.promotion == hand_of(merged).promotion
    assert entry.by_hand is not None
    assert (entry.by_hand.how, entry.by_hand.by, entry.bypassed) == ("merged", "rosa", ())
    assert over.promotion in entry.reason
    assert promoted.lab.entries("dev")[-1] == over, "the newest word is the promotion's"
    promoted.at.git.fetch()
    assert list(find_hand_made(promoted.at)) == []
    assert "⚠️" not in promoted.said()


def test_one_past_the_gate_is_counted_and_people_are_called_once(course: Course) -> None:
    course.past("1.4.2")
    course.lab.commit({"liftgate.json": text(configured(course.lab, policy=GATED))})
    course.release("1.4.3")
    first, second = (push(course.lab, cache={"ttl": ttl}) for ttl in (4, 5))
    change = course.commit(course.begin(course.start_as("rosa", "promote", to="dev")), "grace")
    entry = course.finish(change)
    (hand,) = by_hand(course)
    assert (hand.revision, len(hand.bypassed), len(hand.by_hand.earlier if hand.by_hand else ())) == (second, 1, 1)
    assert first[:12] in hand.by_hand.earlier[0] if hand.by_hand else False
    assert record_once(course.at, change, Result(outcome="promoted", reason="again")) == entry, "its run begins again"
    assert by_hand(course) == [hand]
    assert course.said().count("⚠️ Pushed by hand by ada. Bypassed: ") == 2, "the message and its text, once"
    assert "<@U02GRACE>" in course.said()


def test_one_below_a_rollback_by_a_person_is_recorded_too(promoted: Course) -> None:
    assert promotion_over(promoted).good
    pushed = push(promoted.lab, logLevel="warn")
    back = promoted.roll_back()
    assert back.good
    (entry,) = by_hand(promoted)
    assert (entry.revision, entry.outcome) == (pushed, "superseded")


def test_one_between_a_bad_promotion_and_its_rollback_is_recorded(promoted: Course) -> None:
    """The rollback is recorded before the promotion that it takes back."""
    promoted.release("1.5.0")
    change = promoted.commit(promoted.begin(promoted.start("promote", to="dev")))
    pushed = push(promoted.lab, logLevel="warn")
    failed = Deployed(state="failed", reason="unhealthy")
    entry = promoted.over(change, promoted.take_back(change, failed.reason, failed))
    assert entry.outcome == "rolled back"
    (hand,) = by_hand(promoted)
    assert (hand.revision, hand.outcome) == (pushed, "superseded")


def test_what_its_own_run_records_is_recorded_once(promoted: Course) -> None:
    """The server saw it in the moment of the promotion's push: both runs know of it."""
    push(promoted.lab, cache={"ttl": 5})
    promoted.at.git.fetch()
    change = promoted.commit(promoted.begin(promoted.start("promote", to="dev")))
    assert taken_over(promoted) == [], "a promotion's commit is on top of it"
    assert promoted.finish(change).outcome == "promoted"
    (entry,) = by_hand(promoted)
    run = promoted.at.runs.create("take-over", hand_of(entry.revision).model_dump(exclude={"promotion"}))
    assert begin(promoted, run).entry == entry


def test_an_error_about_it_keeps_no_outcome_of_the_promotion_back(
    promoted: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    push(promoted.lab, cache={"ttl": 5})

    def refused(*_: object, **__: object) -> None:
        raise Refused("not this one")

    monkeypatch.setattr("liftgate.services.take_over.taken_over", refused)
    assert promotion_over(promoted).outcome == "promoted"
    assert by_hand(promoted) == []
    assert "is not recorded: not this one" in capsys.readouterr().out


def test_one_between_a_bad_change_by_hand_and_its_rollback_is_recorded(promoted: Course) -> None:
    """The rollback takes back the bad one alone, and verifies the other with it."""
    assert promotion_over(promoted).good
    bad = push(promoted.lab, cache={"ttl": 5})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    pushed = push(promoted.lab, logLevel="warn")
    failed = Deployed(state="failed", reason="unhealthy")
    entry = promoted.over(taken, promoted.take_back(taken, failed.reason, failed))
    assert (entry.outcome, entry.revision) == ("rolled back", bad)
    assert {(each.revision, each.outcome) for each in by_hand(promoted)} == {
        (bad, "rolled back"),
        (pushed, "superseded"),
    }
    promoted.at.git.fetch()
    assert list(find_hand_made(promoted.at)) == []


def test_a_run_that_dies_after_the_rollback_of_its_change_goes_on(promoted: Course) -> None:
    """The rollback, and what came between, are recorded already."""
    assert promotion_over(promoted).good
    push(promoted.lab, cache={"ttl": 5})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    push(promoted.lab, logLevel="warn")
    failed = Deployed(state="failed", reason="unhealthy")
    result = promoted.take_back(taken, failed.reason, failed)
    again = begin(promoted, run)
    assert (again.id, again.entry, bool(again.back)) == (taken.id, None, True)
    assert promoted.over(again, result).outcome == "rolled back"
