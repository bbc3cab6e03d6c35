"""A run that begins again after its commit goes on with what it committed, not with what its request means by now."""

from __future__ import annotations

import pytest

from liftgate.domain.promotion.attempt import GatedChange, Promotion
from liftgate.errors import Refused
from liftgate.services import deployments, rollbacks
from liftgate.services.outcomes import Result
from tests.examples import text
from tests.lab import configured
from tests.services.course import Course


def begun_again(course: Course, change: GatedChange) -> Promotion:
    again = course.begin(change.id)
    assert isinstance(again, Promotion)
    assert again.revision == change.revision != ""
    return again


def test_a_newer_release_is_not_recorded_for_a_commit_that_has_the_older_one(course: Course) -> None:
    change = course.under_way("1.4.2")
    assert isinstance(change, Promotion)
    course.release("1.4.3")
    again = begun_again(course, change)
    assert (again.release, again.previous) == (change.release, "1.4.1")
    entry = course.finish(again)
    assert (entry.outcome, entry.version) == ("promoted", "1.4.2"), entry
    assert (entry.release, entry.previous) == (change.release.id, "1.4.1")
    with pytest.raises(Refused, match="not verified in dev"):
        course.begin(course.start("promote", to="staging", release="1.4.3"))
    later = course.promote("1.4.3")
    assert later.outcome == "promoted", later


def test_a_newer_release_is_not_blocked_by_the_failure_of_the_older_one(course: Course) -> None:
    change = course.under_way("1.4.2")
    course.release("1.4.3")
    again = begun_again(course, change)
    deployed = deployments.bring_to_cluster(course.at, again)
    back = course.take_back(again, "it is not healthy", deployed)
    assert back.reason.startswith("rolled back to 1.4.1 ")
    assert course.over(again, back).version == "1.4.2"
    assert course.begin(course.start("promote", to="dev", release="1.4.3")).version == "1.4.3"


def test_other_rules_since_the_commit_make_no_other_release_of_it(course: Course) -> None:
    change = course.under_way("1.4.2")
    assert isinstance(change, Promotion)
    rules = [{"pointer": "/application/features/**", "owner": "own"}]
    course.lab.commit({"liftgate.json": text(configured(course.lab, rules=rules))})
    assert begun_again(course, change).release == change.release


def test_a_run_that_ended_without_a_commit_tells_of_the_release_that_it_was_about(course: Course) -> None:
    course.release("1.4.2")
    change = course.begin(course.start("promote", to="dev"))
    course.over(change, Result(outcome="refused", reason="a step refused it"))
    course.release("1.4.3")
    again = course.begin(change.id)
    assert (again.is_over, again.version) == (True, "1.4.2")


def test_a_rollback_takes_no_second_promotion_back(course: Course) -> None:
    """Of the newest promotion; after its commit the one before is the newest that was not taken back."""
    course.promoted("1.4.2")
    newest = course.promoted("1.4.3")
    run = course.start("rollback", environment="dev")
    first = course.begin_back(run)
    committed = rollbacks.revert_once(course.at, first)
    again = course.begin_back(run)
    assert (again.id, again.reverts, again.revision) == (first.id, newest, committed.revision)
    course.finish_back(again)
    over = course.begin_back(run)
    assert (over.id, over.is_over) == (first.id, True)
    assert course.lab.json("dev")["application"]["version"] == "1.4.2"


def test_a_rollback_takes_no_promotion_back_that_came_after_it_began(course: Course) -> None:
    bad = course.promoted("1.4.2")
    run = course.start("rollback", environment="dev")
    assert course.begin_back(run).reverts == bad
    course.promoted("1.4.3")
    assert course.begin_back(run).reverts == bad
