"""A rollback begins, and comes to its end, while `liftgate.json` on main cannot be used; nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import cycle, product
from typing import Any, Final

import pytest

from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.message import PROMOTION_ID
from liftgate.errors import LiftgateError, Misconfigured
from liftgate.integrations.deployer import Deployed
from liftgate.integrations.git import usable_configuration
from liftgate.services.notifications import tell
from tests.committing import Link
from tests.examples import text
from tests.lab import Lab, configured
from tests.services import by_hand
from tests.services.course import Course

FILE: Final = "liftgate.json"
UNKNOWN_STEP: Final = {"stages": [{"name": "verify", "steps": ["of-our-own"]}]}
BROKEN: Final[Mapping[str, Callable[[Lab], dict[str, bytes | None]]]] = {
    "no file": lambda _: {FILE: None},
    "no JSON": lambda _: {FILE: b'{"environments": '},
    "unknown key": lambda lab: {FILE: text(configured(lab, enviroments={}))},
    "unknown step": lambda lab: {FILE: text(configured(lab, pipeline=UNKNOWN_STEP))},
    "a folder": lambda lab: {f"{FILE}/{FILE}": text(configured(lab))},
    "a link": lambda lab: {FILE: Link(text(configured(lab)))},
}


def breaks(lab: Lab, kind: str) -> str:
    return lab.commit(BROKEN[kind](lab))


def mends(lab: Lab, **more: Any) -> str:
    return lab.commit({FILE: text(configured(lab, **more))})


def by_itself(course: Course, kind: str) -> Entry:
    """A release that fails in dev, and a mistake that comes after its commit."""
    change = course.under_way("1.5.0")
    tell(course.at, change, Announcement(promotion=change.id, title=change.title, state="planned"))
    breaks(course.lab, kind)
    assert course.finish(change).outcome == "rolled back"
    return course.lab.entries("dev")[-2]


def by_a_person(course: Course, kind: str) -> Entry:
    course.past("1.4.2")
    breaks(course.lab, kind)
    return course.roll_back(reason="checkout fails")


def back_to(course: Course, kind: str) -> Entry:
    first = course.past("1.4.1")
    course.past("1.4.2")
    breaks(course.lab, kind)
    return course.roll_back(back_to=first)


ASKED: Final = (by_itself, by_a_person, back_to)
EACH: Final = [*zip(cycle(ASKED), BROKEN, strict=False)]
ALL: Final = [pytest.param(*each, marks=[] if each in EACH else [pytest.mark.long]) for each in product(ASKED, BROKEN)]


@pytest.mark.parametrize(("asked", "kind"), ALL)
def test_it_comes_to_its_end_however_the_file_is_broken(
    course: Course, asked: Callable[[Course, str], Entry], kind: str
) -> None:
    """Through the checks of the signer process; both people and Git learn which configuration counted."""
    good = mends(course.lab, monitoring={})
    entry = asked(course, kind)
    assert (entry.kind, entry.outcome, entry.version) == ("rollback", "verified", "1.4.1")
    assert (course.lab.version("dev"), course.lab.serves("dev")) == ("1.4.1", "1.4.1")
    back, broken, *_ = course.lab.commits()
    assert (back.sha, back.trailer(PROMOTION_ID)) == (entry.revision, entry.promotion)
    taken = f"rollbacks and the checks of changes by hand use the configuration of commit {good[:12]}"
    notice = f"{FILE} cannot be used since commit {broken.sha[:12]}, so {taken}"
    assert notice in back.message
    assert notice in course.said()
    assert course.lab.remote.object_id(back.sha, FILE) == course.lab.remote.object_id(broken.sha, FILE)
    with pytest.raises(LiftgateError):
        course.under_way("1.4.3")


def test_a_change_by_hand_that_breaks_the_file_too_is_recorded_below_the_rollback(course: Course) -> None:
    """Else a broken file would hide which gates were bypassed: the configuration before it says which there were."""
    course.past("1.4.2")
    mends(course.lab, policy=by_hand.GATED)
    pushed = by_hand.commit(
        course.lab, {FILE: b"{", by_hand.path_of("dev"): by_hand.changed(course.lab, "dev", logLevel="warn")}
    )
    assert course.roll_back().good
    (entry,) = [each for each in course.lab.entries("dev") if each.by_hand]
    assert (entry.revision, entry.outcome) == (pushed, "superseded")
    assert "approvals" in entry.bypassed[0]
    assert "<@U02GRACE>" in course.said()


def test_mended_and_broken_again_promotions_go_on_and_are_rolled_back(course: Course) -> None:
    lab = course.lab
    course.past("1.4.2")
    breaks(lab, "no JSON")
    assert course.roll_back().good
    mends(lab)
    course.promoted("1.4.3")
    breaks(lab, "no file")
    breaks(lab, "a folder")
    entry = course.roll_back()
    assert (entry.outcome, lab.version("dev")) == ("verified", "1.4.1")
    mends(lab)
    assert (course.promote("1.5.0").outcome, lab.version("dev")) == ("rolled back", "1.4.1")
    course.promoted("1.4.4")


def test_without_any_configuration_that_can_be_used_it_is_refused_with_the_mistake(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usable_configuration, "MOST", 2)
    course.past("1.4.2")
    for kind in ("no JSON", "unknown key"):
        breaks(course.lab, kind)
    with pytest.raises(Misconfigured, match=r"(?s)enviroments.*none of the newest 2 versions of liftgate\.json"):
        course.roll_back()


def test_a_bad_change_by_hand_gets_its_outcome_with_the_gates_that_it_bypassed(course: Course) -> None:
    """Also when its run begins again after the rollback: else breaking the file would keep it out of the ledger."""
    course.past("1.4.2")
    mends(course.lab, policy=by_hand.GATED)
    pushed = by_hand.push(course.lab, logLevel="warn")
    (run,) = by_hand.taken_over(course)
    taken = by_hand.begin(course, run)
    breaks(course.lab, "no JSON")
    result = course.take_back(taken, "checkout fails", Deployed(state="deployed", reason="synced"))
    again = by_hand.begin(course, run)
    assert (again.back, again.id) == ("checkout fails", taken.id)
    entry = course.over(again, result)
    assert (entry.outcome, entry.revision) == ("rolled back", pushed)
    assert "approvals" in entry.bypassed[0]
    assert course.lab.entries("dev")[-1] == entry
