"""What people change by hand is verified, and rolled back where it breaks, also while `liftgate.json` on main cannot be
used; promotions, recovery, pages and the signer process see the same."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from liftgate.integrations.deployer import Deployed
from liftgate.integrations.git import usable_configuration
from liftgate.integrations.ledger import git_branch
from liftgate.services.recovery import Recovery
from liftgate.services.requests import start_next
from liftgate.services.standing import nothing_to_change
from liftgate.services.take_overs import TakeOvers
from tests.examples import text
from tests.lab import configured
from tests.server.world import World
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


def test_a_promotion_that_found_a_change_made_while_the_file_was_broken_is_recorded(course: Course) -> None:
    """The take-over has not begun (the server was down); the file is mended, and a promotion has nothing to change."""
    gated(course)
    breaks(course.lab, "no JSON")
    by_hand.push(course.lab, version="1.4.3")
    mends(course.lab)
    course.release("1.4.3")
    course.at.git.fetch()
    change, _ = nothing_to_change(course.at, course.begin(course.start("promote", to="dev")))
    entry = course.finish(change)
    assert entry.outcome == "verified"
    assert entry.by_hand
    assert "approvals" in entry.bypassed[0]


def test_a_change_made_while_the_file_was_broken_is_recorded_below_a_promotion(course: Course) -> None:
    gated(course)
    breaks(course.lab, "no JSON")
    pushed = by_hand.push(course.lab, logLevel="warn")
    mends(course.lab)
    assert course.promote("1.4.3").good
    hand = [each for each in course.lab.entries("dev") if each.by_hand]
    assert [each.revision for each in hand] == [pushed]
    assert "approvals" in hand[0].bypassed[0]


def values_of(course: Course) -> bytes:
    return text(course.lab.json("dev"))


def restructured(course: Course, **more: Any) -> dict[str, Any]:
    return deepcopy(configured(course.lab, **more))


def ends(course: Course) -> None:
    """What is taken over, to its end, as the flow does."""
    for run in by_hand.taken_over(course):
        taken = by_hand.begin(course, run)
        if taken.back:
            result = course.take_back(taken, taken.back, Deployed(state="deployed", reason=""))
            course.over(taken, result)
        else:
            course.finish(taken)


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_folder_that_moves_with_a_typo_in_the_file_is_not_written_back(course: Course, *, is_broken: bool) -> None:
    """A person moves dev's folder, and makes a mistake in the same commit's liftgate.json."""
    course.past("1.4.2")
    mends(course.lab)
    moved = restructured(course)
    moved["environments"]["dev"] = "/deploy/dev"
    moved |= {"enviroments": {}} if is_broken else {}
    files = {FILE: text(moved), by_hand.path_of("dev"): None, "deploy/dev/values.json": values_of(course)}
    moving = by_hand.commit(course.lab, files)
    ends(course)
    assert course.lab.commits()[0].sha == moving, course.lab.commits()[0].message


@pytest.mark.parametrize("is_broken", [False, True])
def test_an_environment_that_goes_with_a_typo_in_the_file_is_not_written_back(
    course: Course, *, is_broken: bool
) -> None:
    course.past("1.4.2")
    mends(course.lab)
    gone = restructured(course)
    del gone["environments"]["dev"]
    gone |= {"enviroments": {}} if is_broken else {}
    removing = by_hand.commit(course.lab, {FILE: text(gone), by_hand.path_of("dev"): None})
    ends(course)
    assert course.lab.commits()[0].sha == removing, course.lab.commits()[0].message


def test_a_promotion_that_found_the_change_that_mended_the_file_is_recorded(course: Course) -> None:
    gated(course)
    breaks(course.lab, "no JSON")
    there = by_hand.changed(course.lab, "dev", version="1.4.3")
    by_hand.commit(course.lab, {FILE: text(configured(course.lab)), by_hand.path_of("dev"): there})
    course.release("1.4.3")
    course.at.git.fetch()
    change, _ = nothing_to_change(course.at, course.begin(course.start("promote", to="dev")))
    entry = course.finish(change)
    assert entry.outcome == "verified"


def test_the_change_that_mended_the_file_is_recorded_below_a_promotion(course: Course) -> None:
    gated(course)
    breaks(course.lab, "no JSON")
    there = by_hand.changed(course.lab, "dev", logLevel="warn")
    pushed = by_hand.commit(course.lab, {FILE: text(configured(course.lab)), by_hand.path_of("dev"): there})
    assert course.promote("1.4.3").good
    hand = [each for each in course.lab.entries("dev") if each.by_hand]
    assert [each.revision for each in hand] == [pushed]


def ended(running: World, state: str, message: str, *, is_broken: bool) -> str:
    """The run of a take-over that failed after it began."""
    course = Course(running.lab, running.worker)
    gated(course)
    if is_broken:
        breaks(course.lab, "no JSON")
    by_hand.push(course.lab, logLevel="warn")
    (run,) = by_hand.taken_over(course)
    by_hand.begin(course, run)
    running.put(run.id, "FAILED", state, message)
    running.at.git.fetch()
    return run.id


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_run_that_failed_while_argo_cd_was_away_is_started_again(running: World, *, is_broken: bool) -> None:
    """As it is where the file can be used: else the change is verified by no run any more."""
    run = ended(running, "Unavailable", "Argo CD cannot be reached", is_broken=is_broken)
    recovery = Recovery(running.at)
    recovery.once()
    assert running.reruns(run) == 1, running.read(run)


@pytest.mark.parametrize("is_broken", [False, True])
def test_a_run_that_gave_no_verdict_in_time_rolls_back(running: World, *, is_broken: bool) -> None:
    run = ended(running, "Failed", "checkout fails", is_broken=is_broken)
    Recovery(running.at).once()
    assert running.read(run).state != "FAILED"


def test_where_no_version_can_be_used_it_waits_for_the_mend(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    gated(course)
    there = course.lab.remote.file("refs/heads/main", FILE)
    assert there is not None
    monkeypatch.setattr(usable_configuration, "MOST", 2)
    for kind in ("no JSON", "unknown key"):
        breaks(course.lab, kind)
    pushed = by_hand.push(course.lab, logLevel="warn")
    watch = TakeOvers(course.at)
    course.at.git.fetch()
    assert watch.look() == []
    course.lab.commit({FILE: there.data})
    course.at.git.fetch()
    assert [each.commit for each in watch.look()] == [pushed]
    assert by_hand.take_over(course).bypassed


@pytest.mark.parametrize("is_new", [False, True])
def test_after_the_mend_the_run_that_failed_goes_on(running: World, *, is_new: bool) -> None:
    """With the same server, or a new one."""
    run = ended(running, "Unavailable", "Argo CD cannot be reached", is_broken=True)
    recovery = Recovery(running.at)
    recovery.once()
    mends(running.lab, policy=by_hand.GATED)
    running.at.git.fetch()
    (Recovery(running.at) if is_new else recovery).once()
    assert running.reruns(run) == 1, running.read(run)


@pytest.mark.parametrize("is_broken", [False, True])
def test_the_page_shows_what_was_changed(running: World, *, is_broken: bool) -> None:
    course = Course(running.lab, running.worker)
    course.past("1.4.2")
    mends(course.lab, policy={"dev": by_hand.GATED["dev"] | {"signatures": "required"}})
    if is_broken:
        breaks(course.lab, "no JSON")
    by_hand.push(course.lab, logLevel="warn")
    (run,) = by_hand.taken_over(course)
    by_hand.begin(course, run)
    running.at.git.fetch()
    page = running.http().get(f"/promotions/{run.id}").text
    assert "logLevel" in page
