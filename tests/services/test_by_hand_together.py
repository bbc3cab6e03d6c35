"""Changes by hand together with other things: several commits at once, several files, renamed applications."""

from __future__ import annotations

from typing import Any

import pytest

from liftgate.domain.approval.review import Review
from liftgate.domain.ledger.ledger import Times
from liftgate.errors import Refused
from liftgate.integrations.forge import MergedPull, PullRequest
from liftgate.integrations.ledger import git_branch
from liftgate.services.by_hand import by_hand
from liftgate.services.hand_made import find_hand_made
from liftgate.services.rollbacks import revert_once
from liftgate.services.standing import nothing_to_change
from liftgate.services.take_overs import TakeOvers
from tests.committing import MAIN
from tests.examples import NOW, WORKER, entry, text
from tests.lab import configured
from tests.services.by_hand import (
    ADA,
    GATED,
    approve,
    begin,
    changed,
    commit,
    hand_of,
    merge,
    path_of,
    propose,
    push,
    take_over,
    taken_over,
)
from tests.services.course import Course

APP = "example-app"
FEATURES, LIMITS = "configs/dev/features.json", "configs/dev/limits.json"


@pytest.fixture
def promoted(course: Course) -> Course:
    course.past("1.4.2")
    return course


@pytest.fixture
def several(course: Course) -> Course:
    """Each file whose name ends in s; 1.4.2 was promoted to dev."""
    written = configured(course.lab, rules=[{"pointer": "/flags/**", "owner": "promote"}])
    written["applications"][APP]["values"] = "*s.json"
    files = {f"configs/{name}/features.json": text({"flags": {}}) for name in ("base", "dev")}
    course.lab.commit({"liftgate.json": text(written), **files})
    course.at.git.fetch()
    assert course.promote("1.4.2").good
    return course


def gated(course: Course) -> None:
    course.lab.commit({"liftgate.json": text(configured(course.lab, policy=GATED))})


def test_an_approved_merge_does_not_cover_a_push_before_it(promoted: Course) -> None:
    """One run takes both over, so both must have had open gates."""
    gated(promoted)
    push(promoted.lab, cache={"ttl": 5})
    pull = propose(promoted.lab, logLevel="info")
    approve(promoted.lab, pull, "grace")
    merge(promoted.lab, pull, by="rosa")
    (why,) = take_over(promoted).bypassed
    assert "approval" in why


def test_every_commit_of_a_rebased_pull_request_counts(promoted: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Grace wrote its first commit, so her review is none."""
    lab = promoted.lab
    gated(promoted)
    grace = ADA.model_copy(update={"name": "Grace", "email": "grace@example.com"})
    base, there = lab.remote.resolve(MAIN), lab.json("dev")
    there["application"]["environment"]["configs"] |= {"cache": {"ttl": 5}, "logLevel": "info"}
    first = lab.remote.write(base, {path_of("dev"): changed(lab, "dev", cache={"ttl": 5})}, "One\n", NOW, grace, None)
    second = lab.remote.write(first, {path_of("dev"): text(there)}, "Two\n", NOW, ADA, None)
    lab.push(second)
    about = {"number": 7, "url": "https://forge.test/7", "state": "merged", "head": "f" * 40, "merge_commit": second}
    given = Review(login="grace", state="approved", commit="f" * 40)
    pull = MergedPull(pull=PullRequest(**about, author="ada"), by="rosa", reviews=(given,))
    monkeypatch.setattr(promoted.at.forge, "merged_with", lambda *_: pull)
    promoted.at.git.fetch()
    (why,) = by_hand(promoted.at, hand_of(second)).bypassed
    assert "approval" in why
    assert "written by ada and grace" in why


def test_a_release_of_an_earlier_push_must_be_verified_upstream_too(promoted: Course) -> None:
    moment = promoted.at.clock.now()
    times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
    sha = promoted.at.git.fetch()
    there = entry(promotion="p-1", environment="staging", revision=sha, times=times)
    git_branch.append_entry(promoted.at.git, there, {}, promoted.at.author, WORKER)
    push(promoted.lab, "staging", version="1.9.9")
    push(promoted.lab, "staging", logLevel="info")
    (found,) = find_hand_made_after_fetch(promoted)
    assert any("not verified in dev" in why for why in by_hand(promoted.at, found).bypassed)


def find_hand_made_after_fetch(course: Course) -> Any:
    course.at.git.fetch()
    return list(find_hand_made(course.at))


def test_a_file_that_is_removed_by_hand_is_seen_after_an_outcome_without_files(several: Course) -> None:
    moment = several.at.clock.now()
    times = Times(requested=moment, finished=moment)
    refused = entry(promotion="p-1", environment="dev", revision="", outcome="refused", times=times)
    git_branch.append_entry(several.at.git, refused, {}, several.at.author, WORKER)
    assert find_hand_made_after_fetch(several) == []
    sha = several.lab.commit({FEATURES: None})
    assert find_hand_made_after_fetch(several) == [hand_of(sha)]


def test_a_commit_is_recorded_with_its_own_files_when_a_later_one_came_first(several: Course) -> None:
    """The later one adds a file and removes one, before the run of the first began."""
    commit(several.lab, {FEATURES: text({"flags": {"beta": True}})})
    (run,) = taken_over(several)
    commit(several.lab, {FEATURES: None, LIMITS: text({"rate": 5})})
    over = several.finish(begin(several, run))
    assert over.outcome == "superseded"
    assert list(over.values_paths) == [FEATURES, path_of("dev")]


def test_a_file_added_and_one_removed_by_hand_are_taken_over_and_both_come_back(several: Course) -> None:
    there = several.lab.json("dev"), several.at.git.file(several.at.git.fetch(), FEATURES)
    commit(several.lab, {FEATURES: None, LIMITS: text({"rate": 5})})
    over = take_over(several)
    assert (over.outcome, list(over.values_paths)) == ("promoted", [LIMITS, path_of("dev")])
    back = several.roll_back()
    assert (back.outcome, back.reverts) == ("verified", over.promotion), back
    head = several.at.git.fetch()
    assert several.at.git.file(head, LIMITS) is None
    assert (several.lab.json("dev"), several.at.git.file(head, FEATURES)) == there


def test_values_of_before_a_rename_are_taken_over_if_they_come_by_hand(promoted: Course) -> None:
    """What was verified under the new name counts, not the older copy."""
    lab = promoted.lab
    old = lab.json("dev")
    written = configured(lab)
    written["applications"] = {"store": written["applications"][APP] | {"was": APP}}
    named = old | {"application": old["application"] | {"name": "store", "version": "1.4.3"}}
    lab.commit({"liftgate.json": text(written)})
    sha = lab.commit({path_of("dev"): text(named)})
    moment = promoted.at.clock.now()
    times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
    newer = entry(promotion="p-1", application="store", environment="dev", revision=sha, times=times)
    promoted.at.git.fetch()
    git_branch.append_entry(promoted.at.git, newer, {"": text(named)}, promoted.at.author, WORKER)
    assert find_hand_made_after_fetch(promoted) == []
    back = lab.commit({path_of("dev"): text(old)})
    assert [each.commit for each in find_hand_made_after_fetch(promoted)] == [back]


def test_a_file_that_is_only_added_by_a_later_push_ends_the_one_before(several: Course) -> None:
    commit(several.lab, {FEATURES: text({"flags": {"beta": True}})})
    (run,) = taken_over(several)
    taken = begin(several, run)
    commit(several.lab, {LIMITS: text({"rate": 5})})
    assert several.finish(taken).outcome == "superseded"


def test_a_promotion_finds_the_commit_that_only_removed_a_file(several: Course) -> None:
    """It is the newest of the values, so what the promotion verifies is without that file."""
    lab = several.lab
    commit(lab, {LIMITS: text({"rate": 5})})
    several.release("1.4.3")
    push(lab, version="1.4.3")
    newest = commit(lab, {LIMITS: None})
    change, result = nothing_to_change(several.at, several.begin(several.start("promote", to="dev")))
    assert (change.revision, result) == (newest, None)


def test_one_commit_of_several_environments_becomes_a_promotion_of_each_in_the_order_of_the_pipeline(
    promoted: Course,
) -> None:
    lab, moment = promoted.lab, promoted.at.clock.now()
    times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
    for name in ("prod", "staging"):
        there = entry(promotion=f"of-{name}", environment=name, revision=promoted.at.git.fetch(), times=times)
        git_branch.append_entry(promoted.at.git, there, {}, promoted.at.author, WORKER)
    both = {path_of(name): changed(lab, name, cache={"ttl": 5}) for name in ("prod", "dev", "staging")}
    sha = commit(lab, both)
    promoted.at.git.fetch()
    assert TakeOvers(promoted.at).look() == [hand_of(sha, name) for name in ("dev", "staging", "prod")]


def test_a_file_with_a_name_that_cannot_be_stops_the_take_over_of_no_other_application(promoted: Course) -> None:
    written = configured(promoted.lab)
    written["applications"] = {"api": {"values": "api/*.json"}} | written["applications"]
    promoted.lab.commit({"liftgate.json": text(written), "configs/staging/api/\x07.json": text({})})
    sha = push(promoted.lab, cache={"ttl": 5})
    assert find_hand_made_after_fetch(promoted) == [hand_of(sha)]


def test_a_folder_that_moves_with_its_change_is_read_where_it_is_now(promoted: Course) -> None:
    """The release is the same, so nothing new must be verified upstream."""
    lab = promoted.lab
    moment = promoted.at.clock.now()
    times = Times(requested=moment, committed=moment, synced=moment, verified=moment, finished=moment)
    there = entry(promotion="p-1", environment="staging", revision=promoted.at.git.fetch(), times=times)
    git_branch.append_entry(promoted.at.git, there, {}, promoted.at.author, WORKER)
    written = configured(lab)
    written["environments"] = written["environments"] | {"staging": "/envs/staging"}
    moved = {path_of("staging"): None, "envs/staging/values.json": changed(lab, "staging", cache={"ttl": 5})}
    sha = commit(lab, {"liftgate.json": text(written), **moved})
    promoted.at.git.fetch()
    assert by_hand(promoted.at, hand_of(sha, "staging")).bypassed == ()


def test_a_way_back_that_only_removes_a_file_is_gone_once(several: Course) -> None:
    """Two people ask for it; the first run has its commit and no outcome yet."""
    (first,) = several.lab.entries("dev")
    commit(several.lab, {LIMITS: text({"rate": 5})})
    assert take_over(several).good
    back = [several.start("rollback", environment="dev", back_to=first.promotion) for _ in range(2)]
    begun = revert_once(several.at, several.begin_back(back[0]))
    again = several.begin_back(back[1])
    assert (again.id, again.revision) == (begun.id, begun.revision)


def test_an_outcome_is_recorded_though_one_file_became_several_meanwhile(promoted: Course) -> None:
    """By the configuration of the moment, as the signer process judges it."""
    push(promoted.lab, cache={"ttl": 5})
    (run,) = taken_over(promoted)
    taken = begin(promoted, run)
    written = configured(promoted.lab, rules=[{"pointer": "/flags/**", "owner": "promote"}])
    written["applications"][APP]["values"] = "*s.json"
    promoted.lab.commit({"liftgate.json": text(written)})
    over = promoted.finish(taken)
    assert (over.outcome, [each.file for each in over.files]) == ("promoted", ["values.json"])


def test_a_squash_merge_of_a_proposal_is_verified_once(course: Course) -> None:
    """The waiting promotion finds its values there, and the take-over of the commit has nothing left to do."""
    course.past("1.4.2")
    course.release("1.4.3")
    promotion = course.start("promote", to="dev")
    there = course.lab.json("dev")
    there["application"]["version"] = "1.4.3"
    squashed = course.lab.commit({path_of("dev"): text(there)})
    (run,) = taken_over(course)
    change, result = nothing_to_change(course.at, course.begin(promotion))
    assert (change.revision, result) == (squashed, None)
    entry = course.finish(change)
    assert (entry.outcome, entry.by_hand and entry.by_hand.how) == ("verified", "pushed")
    assert find_hand_made_after_fetch(course) == []
    with pytest.raises(Refused, match="the ledger has the values of example-app in dev"):
        begin(course, run)


@pytest.mark.parametrize("named", [False, True])
def test_a_change_from_before_a_rename_is_the_newest_to_take_back(promoted: Course, *, named: bool) -> None:
    good = promoted.lab.json("dev")
    push(promoted.lab, cache={"ttl": 5})
    over = take_over(promoted)
    written = configured(promoted.lab)
    renamed = {"was": APP, "argocd": f"{APP}-{{environment}}"}
    written["applications"] = {"store": written["applications"][APP] | renamed}
    promoted.lab.commit({"liftgate.json": text(written)})
    promoted.at.git.fetch()
    asked = {"promotion": over.promotion} if named else {}
    back = promoted.begin_back(promoted.start("rollback", application="store", environment="dev", **asked))
    assert (back.reverts, back.undo, back.by_hand) == (over.promotion, over.revision, True)
    assert revert_once(promoted.at, back).revision
    assert promoted.lab.json("dev") == good
