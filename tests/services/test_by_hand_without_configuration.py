"""What people change by hand is verified, and rolled back where it breaks, also while `liftgate.json` on main cannot be
used."""

from __future__ import annotations

import pytest

from liftgate.integrations.ledger import git_branch
from liftgate.services.requests import start_next
from tests.services import by_hand
from tests.services.course import Course
from tests.services.test_rollbacks_without_configuration import BROKEN, FILE, breaks, mends

EACH = [pytest.param(kind, marks=[] if number < 2 else [pytest.mark.long]) for number, kind in enumerate(BROKEN)]
SINCE = f"{FILE} cannot be used since commit "


def gated(course: Course) -> str:
    course.past("1.4.2")
    return mends(course.lab, policy=by_hand.GATED)


@pytest.mark.parametrize("kind", EACH)
def test_a_bad_change_is_rolled_back_and_its_gates_are_those_of_before(course: Course, kind: str) -> None:
    """Through the checks of the signer process. People learn which configuration counted."""
    good = gated(course)
    broken = breaks(course.lab, kind)
    pushed = by_hand.push(course.lab, version="1.5.0")
    entry = by_hand.take_over(course)
    assert (entry.revision, entry.outcome, entry.version) == (pushed, "rolled back", "1.5.0")
    assert "approvals" in entry.bypassed[0]
    assert (course.lab.version("dev"), course.lab.serves("dev")) == ("1.4.2", "1.4.2")
    assert f"{SINCE}{broken[:12]}" in course.said()
    assert f"use the configuration of commit {good[:12]}" in course.said()
    assert "<@U02GRACE>" in course.said()


def test_a_good_change_of_the_commit_that_breaks_the_file_is_verified(course: Course) -> None:
    gated(course)
    values = by_hand.changed(course.lab, "dev", logLevel="warn")
    pushed = by_hand.commit(course.lab, {FILE: b"{", by_hand.path_of("dev"): values})
    entry = by_hand.take_over(course)
    assert (entry.revision, entry.outcome) == (pushed, "promoted")
    assert "approvals" in entry.bypassed[0]
    assert len(by_hand.taken_over(course)) == 1, "a second look starts no second run"
    copy = course.at.git.object_id(git_branch.REF, entry.verified_copy())
    assert copy == course.at.git.object_id(pushed, by_hand.path_of("dev"))


@pytest.mark.parametrize("is_broken", [False, True])
def test_nothing_is_promoted_on_by_itself_while_promotions_cannot_begin(course: Course, *, is_broken: bool) -> None:
    """Where releases come from this environment's own file."""
    course.past("1.4.2")
    mends(course.lab)
    course.lab.commit({"configs/base/values.json": None})
    if is_broken:
        breaks(course.lab, "no JSON")
    by_hand.push(course.lab, version="1.4.3")
    (run,) = by_hand.taken_over(course)
    taken = by_hand.begin(course, run)
    entry = course.finish(taken)
    assert (entry.outcome, entry.bypassed) == ("promoted", ())
    started = start_next(course.at, taken.over(entry))
    assert started == (() if is_broken else ("example-app 1.4.3 → staging",))
