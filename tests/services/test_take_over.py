"""What a person merges or pushes by hand is a promotion: synced, verified, recorded, and rolled back when it breaks."""

from __future__ import annotations

import pytest

from liftgate.domain.promotion.message import REVERTS
from liftgate.domain.promotion.take_over import hand_made_of
from liftgate.errors import Refused, Unavailable
from liftgate.integrations.deployer import Deployed
from liftgate.services.hand_made import find_hand_made
from liftgate.services.outcomes import Result
from liftgate.services.requests import start_next
from liftgate.services.standing import nothing_to_change
from liftgate.services.take_overs import AT_ONCE, TakeOvers, wait_for_take_over
from tests.examples import text
from tests.lab import configured
from tests.services.by_hand import (
    GATED,
    approve,
    begin,
    hand_of,
    merge,
    path_of,
    propose,
    push,
    take_over,
    taken_over,
)
from tests.services.course import Course


@pytest.fixture
def promoted(course: Course) -> Course:
    """1.4.2 was promoted to dev."""
    course.past("1.4.2")
    return course


def gated(course: Course) -> None:
    """Dev needs an approval; that was so before anything that follows."""
    course.lab.commit({"liftgate.json": text(configured(course.lab, policy=GATED))})


def test_only_the_newest_state_after_a_promotion_is_taken_over_and_once(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    for ttl in range(2):
        push(course.lab, cache={"ttl": ttl})
    assert taken_over(course) == [], "what is there before the first promotion is the base"
    course.past("1.4.2")
    *_, newest = [push(course.lab, cache={"ttl": ttl}) for ttl in range(2, 5)]
    course.lab.commit({"README.md": b"x\n"})
    (run,) = taken_over(course)
    assert hand_made_of(run.parameters) == hand_of(newest)
    assert [again.id for again in taken_over(course)] == [run.id], "another server, or the same after a restart"
    found = [hand_of(f"{number:040x}") for number in range(AT_ONCE + 3)]
    monkeypatch.setattr("liftgate.services.take_overs.find_hand_made", lambda _: found)
    looks = TakeOvers(course.at)
    assert [len(looks.look()) for _ in range(3)] == [AT_ONCE, 3, 0]


def test_a_push_is_verified_and_recorded_once_while_no_promotion_is_committed(promoted: Course) -> None:
    """Also when its run begins again anywhere."""
    old, commit = (push(promoted.lab, cache={"ttl": ttl}) for ttl in (4, 5))
    (run,) = taken_over(promoted)
    with pytest.raises(Unavailable, match="dev is busy with commit"):
        wait_for_take_over(promoted.at, "example-app", "dev")
    wait_for_take_over(promoted.at, "example-app", "prod")
    begin(promoted, run)
    entry = promoted.finish(begin(promoted, run))
    assert (entry.outcome, entry.revision, entry.promotion) == ("promoted", commit, hand_of(commit).promotion)
    assert entry.by_hand is not None
    assert (entry.by_hand.how, entry.by_hand.bypassed) == ("pushed", ())
    assert entry.sentence.startswith("Verified 1.4.2 in dev in ")
    assert entry.sentence.endswith(" s. Pushed by hand by ada.")
    assert (entry.requested_by, entry.proof) == ("ada", "claimed"), "a commit proves no author"
    assert list(find_hand_made(promoted.at)) == []
    wait_for_take_over(promoted.at, "example-app", "dev")
    assert begin(promoted, run).entry == entry, "it begins again after its outcome"
    assert [each for each in promoted.lab.entries("dev") if each.by_hand] == [entry]
    messages = promoted.lab.town.slack.store.state.messages
    assert len([each for each in messages if "by hand" in str(each.blocks)]) == 1
    ours, other = promoted.lab.entries("dev")[0].revision, promoted.lab.commit({"README.md": b"x\n"})
    for another in (old, ours, other, "0" * 40, "main", ""):
        forged = run.copy_with(parameters=run.parameters | {"commit": another})
        with pytest.raises(Refused):
            pytest.fail(f"took over {another}: {begin(promoted, forged)}")


def test_a_merged_pull_request_is_recorded_with_author_and_reviewers(promoted: Course) -> None:
    gated(promoted)
    pull = propose(promoted.lab, cache={"ttl": 5})
    approve(promoted.lab, pull, "grace")
    merged = merge(promoted.lab, pull, by="rosa")
    entry = take_over(promoted)
    assert entry.by_hand is not None
    assert (entry.revision, entry.outcome, entry.bypassed) == (merged, "promoted", ())
    assert (entry.by_hand.how, entry.by_hand.by, entry.by_hand.author) == ("merged", "rosa", "ada")
    assert entry.by_hand.reviewers == ("grace",)
    assert entry.by_hand.pull_request == pull["html_url"]
    assert (entry.requested_by, entry.proof) == ("rosa", "forge")
    assert "Merged by hand by rosa." in promoted.said()


def test_a_push_past_the_gate_is_verified_and_recorded_as_bypassed_and_people_are_called(promoted: Course) -> None:
    gated(promoted)
    push(promoted.lab, cache={"ttl": 5})
    entry = take_over(promoted)
    assert entry.outcome == "promoted", "it is not rolled back for that alone"
    (why,) = entry.bypassed
    assert "approval" in why
    (alert,) = [each for each in promoted.lab.town.slack.store.state.messages if "⚠️" in str(each.blocks)]
    assert "Pushed by hand by ada. Bypassed: " in str(alert.blocks)
    assert "<@U02GRACE>" in alert.text + str(alert.blocks)


def test_a_merge_without_a_review_is_bypassed_and_an_environment_is_rolled_back_to_before_it(promoted: Course) -> None:
    """By a person, without naming the promotion: the newest there is the person's own change."""
    gated(promoted)
    good = promoted.lab.json("dev")
    merge(promoted.lab, propose(promoted.lab, cache={"ttl": 5}), by="ada")
    entry = take_over(promoted)
    assert len(entry.bypassed) == 1
    back = promoted.roll_back(reason="not like this")
    assert (back.good, back.reverts) == (True, entry.promotion)
    assert promoted.lab.json("dev") == good


@pytest.mark.long
def test_values_that_a_release_owns_must_be_verified_upstream(promoted: Course) -> None:
    """Staging's entry comes first, so that something was promoted there."""
    promoted.promote("1.4.3")
    promoted.promote("1.4.3", "staging")
    push(promoted.lab, "staging", version="1.9.9")
    entry = take_over(promoted)
    assert any("not verified in dev" in why for why in entry.bypassed), entry
    assert start_next(promoted.at, begin(promoted, taken_over(promoted)[0])) == ()


def test_one_that_breaks_the_environment_is_rolled_back_to_the_verified_values(promoted: Course) -> None:
    """With all pushes since then, and without other people's files."""
    lab = promoted.lab
    good = lab.json("dev")
    push(lab, cache={"ttl": 5})
    lab.commit({"README.md": b"kept\n"})
    bad = push(lab, version="1.5.0")
    entry = take_over(promoted)
    assert (entry.outcome, entry.revision) == ("rolled back", bad), entry
    assert lab.json("dev") == good
    assert lab.serves("dev") == "1.4.2"
    back = lab.commits()[0]
    assert back.trailer(REVERTS) == entry.promotion
    assert [(e.kind, e.outcome) for e in lab.entries("dev")][-2:] == [
        ("rollback", "verified"),
        ("update", "rolled back"),
    ]
    assert len(taken_over(promoted)) == 1, "the revert is ours"


@pytest.mark.long
def test_values_that_cannot_be_read_are_rolled_back(promoted: Course) -> None:
    good = promoted.lab.json("dev")
    promoted.lab.commit({path_of("dev"): b"{ not JSON\n"})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    assert taken.back.startswith("the values cannot be read: ")
    entry = promoted.over(taken, promoted.take_back(taken, taken.back, Deployed(state="failed", reason="")))
    assert entry.outcome == "rolled back"
    assert promoted.lab.json("dev") == good


@pytest.mark.long
def test_a_later_change_by_hand_ends_the_one_before(promoted: Course) -> None:
    push(promoted.lab, cache={"ttl": 5})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    push(promoted.lab, cache={"ttl": 6})
    assert promoted.finish(taken).outcome == "superseded"
    assert take_over(promoted).outcome == "promoted"
    assert len(taken_over(promoted)) == 2


def test_a_promotion_under_way_sees_the_change_itself_and_then_it_is_taken_over(course: Course) -> None:
    change = course.under_way("1.4.3")
    push(course.lab, cache={"ttl": 5})
    assert taken_over(course) == []
    assert course.finish(change).outcome == "superseded"
    assert take_over(course).outcome == "promoted"


@pytest.mark.long
def test_begun_again_after_its_revert_it_finishes_the_rollback(promoted: Course) -> None:
    push(promoted.lab, version="1.5.0")
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    promoted.take_back(taken, "unhealthy", Deployed(state="failed", reason=""))
    again = begin(promoted, run)
    assert again.back
    entry = promoted.over(again, promoted.take_back(again, again.back, Deployed(state="failed", reason="")))
    assert entry.outcome == "rolled back"
    assert len([each for each in promoted.lab.commits() if each.trailer(REVERTS)]) == 1


def test_a_release_starts_the_next_environment_with_a_requester_that_nothing_proves(promoted: Course) -> None:
    """Where releases come from this environment's own file."""
    promoted.lab.commit({"configs/base/values.json": None})
    push(promoted.lab, version="1.4.3")
    take_over(promoted)
    (run,) = taken_over(promoted)
    assert start_next(promoted.at, begin(promoted, run)) == ("example-app 1.4.3 → staging",)
    (next_run,) = promoted.at.runs.find(flows=("promote",)).runs
    change = promoted.begin(next_run.id)
    assert (change.requester.name, change.requester.proof, change.upstream) == ("ada", "claimed", run.id)


def test_what_a_promotion_found_bad_is_taken_over_so_that_it_is_rolled_back(promoted: Course) -> None:
    """The promotion has nothing to change, verifies the person's commit, and only reports that it is bad."""
    promoted.release("1.5.0")
    commit = push(promoted.lab, version="1.5.0")
    change, _ = nothing_to_change(promoted.at, promoted.begin(promoted.start("promote", to="dev")))
    entry = promoted.over(change, Result(outcome="failed", reason="unhealthy"))
    assert entry.by_hand is not None
    assert (entry.revision, entry.by_hand.by) == (commit, "ada")
    promoted.at.git.fetch()
    assert list(find_hand_made(promoted.at)) == [hand_of(commit)]
