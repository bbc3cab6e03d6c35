"""The merge call: what it lets through, what it makes, and the words of every refusal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from liftgate_sandbox.forge import Protection

from sandbox_tests.forge.world import REPOSITORY, World


def merge(world: World, pull: str, who: str = "liftgate-bot", **wanted: str) -> httpx.Response:
    with world.api(who) as api:
        return api.put(f"{pull}/merge", json=wanted)


def approve(world: World, pull: str, who: str) -> None:
    with world.api(who) as api:
        assert api.post(f"{pull}/reviews", json={"event": "APPROVE"}).status_code == 200


def test_a_merge_is_a_two_parent_commit_with_the_words_that_were_given(world: World) -> None:
    pull = world.proposal()
    bare = world.forge.bare(REPOSITORY)
    base, head = str(bare.branch("main")), str(bare.branch("promote/1"))

    answer = merge(world, pull, sha=head, commit_title="Lift 1", commit_message="Promotion-Id: 1")

    assert answer.json()["merged"] is True
    with world.api() as api:
        commit = api.get("/commits/main").json()
        shape = api.get(pull).json()
    assert commit["sha"] == answer.json()["sha"]
    assert [parent["sha"] for parent in commit["parents"]] == [base, head]
    assert commit["commit"]["message"] == "Lift 1\n\nPromotion-Id: 1"
    assert commit["author"]["login"] == "liftgate-bot"
    assert (shape["merged"], shape["merged_by"]["login"]) == (True, "liftgate-bot")
    assert shape["merge_commit_sha"] == commit["sha"]


def test_the_pull_requests_of_a_commit_are_listed_after_the_merge_only_the_merged_ones(world: World) -> None:
    pull = world.proposal()
    head = str(world.forge.bare(REPOSITORY).branch("promote/1"))
    with world.api() as api:
        number = api.get(pull).json()["number"]
        assert [each["number"] for each in api.get(f"/commits/{head}/pulls").json()] == [number], "open"
        base = api.get("/commits/main").json()["sha"]
        merged = merge(world, pull, sha=head).json()["sha"]
        for commit in (merged, head):
            (found,) = api.get(f"/commits/{commit}/pulls").json()
            assert (found["number"], found["merge_commit_sha"]) == (number, merged)
        assert api.get(f"/commits/{base}/pulls").json() == [], "it was pushed"
        assert api.get(f"/commits/{'0' * 40}/pulls").status_code == 422


def test_a_merge_keeps_what_others_did_to_main_meanwhile(world: World) -> None:
    pull = world.proposal(path="promoted.json")
    world.plant({"a.json": '{"changed": "meanwhile"}\n'})

    merge(world, pull)

    assert world.show("main:a.json") == '{"changed": "meanwhile"}\n'
    assert world.show("main:promoted.json") == "[]\n"


def test_another_head_is_a_conflict_and_changes_nothing(world: World) -> None:
    pull = world.proposal()
    before = world.forge.bare(REPOSITORY).branch("main")

    answer = merge(world, pull, sha="0" * 40)

    assert answer.status_code == 409
    assert answer.json()["message"] == "Head branch was modified. Review and try the merge again."
    assert world.forge.bare(REPOSITORY).branch("main") == before


def test_a_real_conflict_and_a_second_merge_are_not_mergeable(world: World) -> None:
    conflicting = world.proposal(path="same.json")
    world.plant({"same.json": "{}\n"})
    fine = world.proposal(branch="promote/2", path="c.json")
    merge(world, fine)

    for pull in (conflicting, fine):
        answer = merge(world, pull)
        assert (answer.status_code, answer.json()["message"]) == (405, "Pull Request is not mergeable")


@pytest.mark.parametrize("method", ["squash", "rebase"])
def test_a_method_that_the_repository_does_not_allow_is_refused(world: World, method: str) -> None:
    answer = merge(world, world.proposal(), merge_method=method)

    assert answer.status_code == 405
    assert answer.json()["message"] == f"{method.capitalize()} merges are not allowed on this repository."


def test_a_reader_cannot_merge(world: World) -> None:
    assert merge(world, world.proposal(), "reader").status_code == 403


def test_approvals_of_people_who_may_write_open_a_protected_branch(world: World) -> None:
    pull = world.proposal()
    world.forge.protect(REPOSITORY, "main", Protection(approvals=2))

    refused = merge(world, pull)
    approve(world, pull, "reader")
    approve(world, pull, "ada")
    still = merge(world, pull)
    approve(world, pull, "grace")

    words = "At least 2 approving reviews are required by reviewers with write access."
    assert (refused.status_code, refused.json()["message"]) == (405, words)
    assert still.json()["message"] == words
    assert merge(world, pull).json()["merged"] is True


def test_a_request_for_changes_blocks_until_the_same_person_approves(world: World) -> None:
    pull = world.proposal()
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1))
    approve(world, pull, "grace")
    with world.api("ada") as ada:
        ada.post(f"{pull}/reviews", json={"event": "REQUEST_CHANGES", "body": "No"})
        ada.post(f"{pull}/reviews", json={"event": "COMMENT", "body": "Hm"})

    refused = merge(world, pull)
    approve(world, pull, "ada")

    assert refused.json()["message"].startswith("Changes have been requested")
    assert merge(world, pull).status_code == 200


def test_an_approval_of_an_older_head_no_longer_counts(world: World) -> None:
    pull = world.proposal()
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1))
    approve(world, pull, "ada")
    world.plant({"more.json": "1"}, branch="promote/1")

    assert merge(world, pull).status_code == 405
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1, dismiss_stale=False))
    assert merge(world, pull).status_code == 200


def test_required_checks_are_expected_pending_failing_then_enough(world: World) -> None:
    pull = world.proposal()
    sha = world.forge.bare(REPOSITORY).branch("promote/1")
    world.forge.protect(REPOSITORY, "main", Protection(contexts=("ci",)))
    words = []
    with world.api() as api:
        for state in ("pending", "failure", "success"):
            words.append(merge(world, pull).json()["message"])
            api.post(f"/statuses/{sha}", json={"context": "ci", "state": state})

    assert words == [f'Required status check "ci" is {word}.' for word in ("expected", "pending", "failing")]
    assert merge(world, pull).status_code == 200


def test_a_check_run_satisfies_a_required_check_too(world: World) -> None:
    pull = world.proposal()
    sha = world.forge.bare(REPOSITORY).branch("promote/1")
    world.forge.protect(REPOSITORY, "main", Protection(contexts=("ci",)))
    assert sha
    world.forge.add_check(REPOSITORY, sha, "ci", conclusion="neutral")

    assert merge(world, pull).status_code == 200


def test_a_strict_branch_refuses_what_is_behind_it(world: World) -> None:
    pull = world.proposal()
    world.forge.protect(REPOSITORY, "main", Protection(strict=True))
    world.plant({"other.json": "1"})

    assert "not up to date" in merge(world, pull).json()["message"]


def test_a_draft_is_not_merged(world: World) -> None:
    world.plant({"a": "1"})
    world.plant({"b": "1"}, branch="side")
    with world.api() as api:
        api.post("/pulls", json={"title": "t", "head": "side", "base": "main", "draft": True})

    assert merge(world, "/pulls/1").json()["message"] == "Pull Request is still a draft"


def test_of_many_merges_at_once_exactly_one_happens(world: World) -> None:
    pull = world.proposal()
    before = world.forge.bare(REPOSITORY).branch("main")

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(lambda _: merge(world, pull), range(6)))

    assert statuses == [200, 405, 405, 405, 405, 405]
    commits = world.forge.bare(REPOSITORY).run("rev-list", "--first-parent", f"{before}..main").split()
    assert len(commits) == 1
