"""A commit that has a good outcome may be looked at for another release, or after a bad verdict: that is not the same
outcome."""

from __future__ import annotations

import pytest

from liftgate.domain.common.verdict import passed
from liftgate.domain.ledger import ledger
from liftgate.domain.promotion.attempt import Promotion
from liftgate.services import deployments
from liftgate.services.outcomes import Result
from liftgate.services.standing import nothing_to_change
from tests.services.by_hand import seen_by_both
from tests.services.course import Course


def test_a_commit_that_a_second_look_found_bad_is_good_after_a_third(course: Course) -> None:
    course.past("1.4.2")
    taken, found, _ = seen_by_both(course)
    assert course.finish(taken).good
    assert course.over(found, Result(outcome="failed", reason="smoke: down")).outcome == "failed"
    again, over = nothing_to_change(course.at, course.begin(course.start("promote", to="dev")))
    assert over is None
    assert course.finish(again).promotion == again.id
    assert nothing_to_change(course.at, course.begin(course.start("promote", to="dev")))[1] == Result.nothing()


@pytest.mark.parametrize("first", ["found", "taken over"])
def test_a_commit_that_one_of_two_runs_took_back_counts_no_more(course: Course, first: str) -> None:
    """The other one saw it healthy: before, or in the moment before the rollback."""
    course.past("1.4.2")
    taken, found, _ = seen_by_both(course)
    deployed = deployments.bring_to_cluster(course.at, taken)
    good = Result.good(found, deployed, passed(""), course.at.clock.now())
    if first == "found":
        assert course.over(found, good).good
    assert course.over(taken, course.take_back(taken, "smoke: down", deployed)).outcome == "rolled back"
    if first != "found":
        course.over(found, good)
    assert course.lab.json("dev")["application"]["version"] == "1.4.2"
    entries = course.lab.entries("dev")
    last = ledger.last_verified(entries)
    assert last is not None
    assert last.version == "1.4.2"
    assert isinstance(found, Promotion)
    assert not ledger.verified(entries, found.release.id)


def test_a_person_takes_a_commit_back_by_the_id_of_the_run_whose_outcome_was_dropped(course: Course) -> None:
    course.past("1.4.2")
    taken, found, _ = seen_by_both(course)
    stands = course.finish(found)
    assert course.finish(taken) == stands
    back = course.roll_back(promotion=taken.id)
    assert back.good
    last = ledger.last_verified(course.lab.entries("dev"))
    assert last is not None
    assert last.version == "1.4.2"
