"""A person pushes other values while a rollback or a promotion is under way: that is no failure of it, and calls no
one."""

from __future__ import annotations

import pytest

from liftgate.domain.common.verdict import failed
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import Rollback
from liftgate.errors import Refused
from liftgate.services import deployments, rollbacks
from liftgate.services.outcomes import Result
from tests.committing import MAIN
from tests.examples import text
from tests.lab import configured
from tests.services import by_hand
from tests.services.course import Course, begin_taking_back

SICK = failed("health-check: it answers 500")


def reverted(course: Course) -> Rollback:
    """By a person, and not in the cluster yet."""
    course.past("1.4.2")
    return rollbacks.revert_once(course.at, course.begin_back(course.start("rollback", environment="dev")))


def judged(course: Course, rollback: Rollback) -> Entry:
    """Its environment is sick after the sync."""
    deployed = deployments.bring_to_cluster(course.at, rollback)
    return course.over(rollback, Result.of_rollback(rollback, deployed, SICK, course.at.clock.now()))


def test_it_is_superseded_and_what_was_pushed_is_verified_by_a_run_of_its_own(course: Course) -> None:
    rollback = reverted(course)
    pushed = by_hand.push(course.lab, cache={"ttl": 9})
    entry = course.finish_back(rollback)
    assert (entry.outcome, entry.revision) == ("superseded", rollback.revision)
    assert entry.sentence.startswith(f"Superseded: dev has a newer commit {pushed[:12]}")
    assert "must act now" not in course.said()
    taken = by_hand.take_over(course)
    assert (taken.revision, taken.outcome) == (pushed, "promoted")


def test_also_where_the_push_comes_while_it_is_verified(course: Course) -> None:
    """The step that failed may have seen what was pushed."""
    rollback = reverted(course)
    assert deployments.bring_to_cluster(course.at, rollback).state == "deployed"
    by_hand.push(course.lab, cache={"ttl": 9})
    assert judged(course, rollback).outcome == "superseded"


def test_a_rollback_to_a_chosen_promotion_is_superseded_by_one_that_goes_further_back(course: Course) -> None:
    """Its own values were verified before, and stay so."""
    first, second = course.past("1.4.2"), course.past("1.4.3")
    course.past("1.4.4")
    run = course.start("rollback", environment="dev", back_to=second)
    rollback = rollbacks.revert_once(course.at, course.begin_back(run))
    assert course.roll_back(back_to=first).good
    assert course.finish_back(rollback).outcome == "superseded"
    assert "must act now" not in course.said()


def test_what_was_taken_back_is_rolled_back_and_stays_out_and_the_release_before_stays_verified(course: Course) -> None:
    course.promoted("1.4.2")
    change = course.under_way("1.4.3")
    deployed = deployments.bring_to_cluster(course.at, change)
    rollback = rollbacks.revert_once(course.at, begin_taking_back(course.at, change, SICK.reason))
    by_hand.push(course.lab, cache={"ttl": 9})
    back = course.finish_back(rollback)
    result = Result.taken_back(change, SICK.reason, "superseded", back.sentence, seconds=1.0, deployed=deployed)
    entry = course.over(change, result)
    assert (back.outcome, entry.outcome) == ("superseded", "rolled back")
    assert entry.sentence.startswith("Rolled back: health-check: it answers 500 (Superseded: dev has a newer commit ")
    assert by_hand.take_over(course).outcome == "promoted"
    with pytest.raises(Refused, match=r"1\.4\.3 was rolled back in dev"):
        course.begin(course.start("promote", to="dev"))
    course.promoted("1.4.4")


def test_a_push_that_leaves_its_values_as_they_are_or_brings_them_back_does_not_hide_that_it_failed(
    course: Course,
) -> None:
    rollback = reverted(course)
    there = course.lab.remote.file(MAIN, by_hand.path_of("dev"))
    assert there is not None
    by_hand.push(course.lab, "staging", cache={"ttl": 9})
    by_hand.push(course.lab, cache={"ttl": 9})
    by_hand.commit(course.lab, {by_hand.path_of("dev"): there.data})
    assert judged(course, rollback).outcome == "rollback failed"


def test_a_promotion_whose_values_a_person_removes_did_not_fail_by_that(course: Course) -> None:
    """Argo CD cannot render what is left, and does not say which commit that is. The removal is rolled back."""
    change = course.under_way("1.4.2")
    by_hand.commit(course.lab, {by_hand.path_of("dev"): None})
    entry = course.finish(change)
    assert entry.outcome == "superseded"
    assert by_hand.take_over(course).outcome == "rolled back"
    assert course.lab.version("dev") == "1.4.2"
    course.promoted("1.4.3")


def test_nor_one_whose_whole_application_they_take_out(course: Course) -> None:
    change = course.under_way("1.4.2")
    course.lab.commit({"liftgate.json": text(configured(course.lab, applications={"other": {}}))})
    by_hand.commit(course.lab, {by_hand.path_of(name): None for name in ("base", "dev", "staging", "prod")})
    assert course.finish(change).outcome == "superseded"
    assert "🚨" not in course.said()
