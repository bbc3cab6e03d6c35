"""A release that an environment has already, but for values that it keeps: there is nothing to commit, so the commit of
the promotion before is verified for it."""

from __future__ import annotations

import pytest

from liftgate.domain.common.verdict import passed
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.attempt import GatedChange, Promotion
from liftgate.errors import Refused, Unavailable
from liftgate.services import deployments
from liftgate.services.outcomes import Result, entry_of
from liftgate.services.planning import planned
from liftgate.services.signable_entry import check_entry
from liftgate.services.standing import nothing_to_change
from tests.examples import text
from tests.lab import configured
from tests.services.course import Course

PIN = {"environment": "dev", "pointer": "/application/version", "owner": "ada", "reason": "load test"}


def pin(course: Course, *pins: object) -> None:
    course.lab.commit({"liftgate.json": text(configured(course.lab, pins=[*pins]))})


def found(course: Course, **parameters: object) -> GatedChange:
    """The promotion that has nothing to commit."""
    change = course.begin(course.start("promote", **{"to": "dev"} | parameters))
    assert planned(course.at, change).is_empty
    there, over = nothing_to_change(course.at, change)
    assert over is None
    assert there.found
    return there


def is_verified(course: Course, change: GatedChange) -> bool:
    assert isinstance(change, Promotion)
    return ledger.verified(course.lab.entries("dev"), change.release.id)


@pytest.fixture
def pinned(course: Course) -> Course:
    """1.4.2 was promoted to dev; 1.4.3 differs only in the version, which is pinned there."""
    course.promoted("1.4.2")
    pin(course, PIN)
    course.release("1.4.3")
    return course


def test_a_release_that_differs_only_under_a_pin_is_verified(pinned: Course) -> None:
    before = pinned.lab.entries("dev")[-1]
    change = found(pinned)
    entry = pinned.finish(change)
    assert (entry.outcome, entry.version, entry.revision) == ("verified", "1.4.3", before.revision)
    assert (entry.promotion, entry.plan, entry.by_hand) == (change.id, "", None)
    assert is_verified(pinned, change)
    assert pinned.lab.version("dev") == "1.4.2"
    again = pinned.begin(pinned.start("promote", to="dev"))
    assert nothing_to_change(pinned.at, again)[1] == Result.nothing()
    onward = pinned.finish(pinned.commit(pinned.begin(pinned.start("promote", to="staging"))))
    assert (onward.outcome, pinned.lab.version("staging")) == ("promoted", "1.4.3")


def test_after_the_pin_the_same_release_brings_the_value(pinned: Course) -> None:
    """What the environment kept, the release did not bring: it is no change of the environment's own."""
    pinned.finish(found(pinned))
    pin(pinned)
    change = pinned.begin(pinned.start("promote", to="dev"))
    assert [(row.kind, row.pointer) for row in planned(pinned.at, change).rows] == [("replace", PIN["pointer"])]
    assert pinned.finish(pinned.commit(change)).outcome == "promoted"
    assert pinned.lab.version("dev") == "1.4.3"


def test_with_the_commit_goes_what_was_verified_by_it(pinned: Course) -> None:
    first = pinned.lab.entries("dev")[-1].promotion
    change = found(pinned)
    pinned.finish(change)
    back = pinned.roll_back(promotion=first)
    assert (back.good, back.taken) == (True, (first, change.id))
    assert not is_verified(pinned, change)
    last = ledger.last_verified(pinned.lab.entries("dev"))
    assert last is None or last.revision != change.revision


def test_it_waits_for_the_promotion_whose_commit_it_is(course: Course) -> None:
    course.past("1.4.1")
    under_way = course.under_way("1.4.2")
    pin(course, PIN)
    course.release("1.4.3")
    change = course.begin(course.start("promote", to="dev"))
    with pytest.raises(Unavailable, match=f"dev is busy with promotion {under_way.id}"):
        nothing_to_change(course.at, change)
    assert course.finish(under_way).outcome == "promoted"
    assert course.finish(found(course)).outcome == "verified"


@pytest.mark.parametrize("then", ["taken back", "a newer promotion"])
def test_what_happens_to_the_values_meanwhile_supersedes_it(pinned: Course, then: str) -> None:
    """It names no commit then: the release never stood there."""
    first = pinned.lab.entries("dev")[-1].promotion
    change = found(pinned)
    deployed = deployments.bring_to_cluster(pinned.at, change)
    if then == "taken back":
        assert pinned.roll_back(promotion=first).good
    else:
        pin(pinned)
        assert pinned.promote("1.4.4").outcome == "promoted"
    entry = pinned.over(change, Result.good(change, deployed, passed(""), pinned.at.clock.now()))
    assert (entry.outcome, entry.revision) == ("superseded", "")
    assert not is_verified(pinned, change)


def test_the_key_signs_it_only_where_the_release_changes_nothing(pinned: Course) -> None:
    """A flow that was taken over calls a release verified that is not there, or approved."""
    change = found(pinned)
    good = Result.good(change, deployments.bring_to_cluster(pinned.at, change), passed(""), pinned.at.clock.now())
    said = entry_of(pinned.at, change, good)
    for wrong in (
        {"release": "sha256:" + "a" * 64},
        {"version": "9.9.9"},
        {"approved_by": ("ada",)},
        {"kind": "update"},
    ):
        with pytest.raises(Refused):
            _sign(pinned, said.copy_with(**wrong))
    _sign(pinned, said)
    pin(pinned)
    pinned.at.git.fetch()
    with pytest.raises(Refused, match="its plan changes values"):
        pinned.over(change, good)
    assert not is_verified(pinned, change)


def _sign(course: Course, entry: Entry) -> None:
    check_entry(course.at, ledger.signable(entry))
