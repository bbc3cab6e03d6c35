"""Pull requests as GitHub has them, with the corners that clients fall into."""

from __future__ import annotations

import pytest
from liftgate_sandbox.forge import Protection

from sandbox_tests.forge.world import REPOSITORY, World


def test_a_pull_request_shows_both_ends_and_what_changes(world: World) -> None:
    pull = world.proposal()
    bare = world.forge.bare(REPOSITORY)
    with world.api() as api:
        shape = api.get(pull).json()
        files = api.get(f"{pull}/files").json()

    assert (shape["head"]["label"], shape["head"]["sha"]) == ("team:promote/1", bare.branch("promote/1"))
    assert shape["base"]["sha"] == bare.branch("main")
    assert (shape["commits"], shape["changed_files"], shape["additions"]) == (1, 1, 1)
    assert shape["user"]["login"] == "liftgate-bot"
    assert [file["filename"] for file in files] == ["b.json"]
    assert bare.ref("refs/pull/1/head") == bare.branch("promote/1")


def test_mergeable_is_null_first_and_known_at_the_next_question(world: World) -> None:
    pull = world.proposal(path="same.json")
    with world.api() as api:
        known = api.get(pull).json()
        world.plant({"other.json": "1"})
        moved, computed = (api.get(pull).json() for _ in range(2))

    states = [(shape["mergeable"], shape["mergeable_state"]) for shape in (known, moved, computed)]
    assert states == [(True, "clean"), (None, "unknown"), (True, "clean")]


def test_a_conflict_is_dirty(world: World) -> None:
    pull = world.proposal(path="same.json")
    world.plant({"same.json": "{}\n"})
    with world.api() as api:
        api.get(pull)
        shape = api.get(pull).json()

    assert (shape["mergeable"], shape["mergeable_state"]) == (False, "dirty")


def test_what_protection_misses_is_blocked_then_behind_then_unstable(world: World) -> None:
    pull = world.proposal()
    sha = str(world.forge.bare(REPOSITORY).branch("promote/1"))
    states = []
    with world.api() as api:

        def state() -> None:
            api.get(pull)
            states.append(api.get(pull).json()["mergeable_state"])

        world.forge.protect(REPOSITORY, "main", Protection(contexts=("ci",), strict=True))
        state()
        world.plant({"other.json": "1"})
        api.post(f"/statuses/{sha}", json={"context": "ci", "state": "success"})
        state()
        world.forge.protect(REPOSITORY, "main", Protection(contexts=("ci",)))
        api.post(f"/statuses/{sha}", json={"context": "optional", "state": "failure"})
        state()

    assert states == ["blocked", "behind", "unstable"]


def test_a_draft_says_so(world: World) -> None:
    world.plant({"a": "1"})
    world.plant({"b": "1"}, branch="side")
    with world.api() as api:
        made = api.post("/pulls", json={"title": "t", "head": "team:side", "base": "main", "draft": True})
        assert made.json()["mergeable"] is None
        assert api.get("/pulls/1").json()["mergeable_state"] == "draft"


def test_the_list_filters_by_an_owned_head_and_ignores_a_bare_one(world: World) -> None:
    world.proposal(branch="promote/1")
    world.proposal(branch="promote/2", path="c.json")

    def found(**query: str) -> list[int]:
        with world.api() as api:
            return [pull["number"] for pull in api.get("/pulls", params=query).json()]

    assert found(head="team:promote/1") == [1]
    assert found(head="promote/1") == [2, 1]
    assert found(head="somebody:promote/1") == []
    assert found(base="other") == []
    assert found(state="closed") == []
    assert found(state="all") == [2, 1]


def test_a_second_pull_request_of_a_branch_is_refused_by_name(world: World) -> None:
    world.proposal()
    with world.api() as api:
        answer = api.post("/pulls", json={"title": "t", "head": "promote/1", "base": "main"})

    assert answer.status_code == 422
    assert answer.json()["message"] == "Validation Failed"
    assert answer.json()["errors"] == [
        {
            "resource": "PullRequest",
            "code": "custom",
            "message": "A pull request already exists for team:promote/1.",
        }
    ]


def test_a_branch_with_nothing_new_is_refused(world: World) -> None:
    sha = world.plant({"a": "1"})
    with world.api() as api:
        api.post("/git/refs", json={"ref": "refs/heads/same", "sha": sha})
        answer = api.post("/pulls", json={"title": "t", "head": "same", "base": "main"})

    assert answer.json()["errors"][0]["message"] == "No commits between main and same"


@pytest.mark.parametrize(("head", "base", "field"), [("none", "main", "head"), ("side", "none", "base")])
def test_an_unknown_branch_is_an_invalid_field(world: World, head: str, base: str, field: str) -> None:
    world.plant({"a": "1"})
    world.plant({"b": "1"}, branch="side")
    with world.api() as api:
        answer = api.post("/pulls", json={"title": "t", "head": head, "base": base})

    assert answer.json()["errors"] == [{"resource": "PullRequest", "field": field, "code": "invalid"}]


def test_a_missing_title_and_an_endless_body_are_refused(world: World) -> None:
    world.plant({"a": "1"})
    world.plant({"b": "1"}, branch="side")
    with world.api() as api:
        assert api.post("/pulls", json={"head": "side", "base": "main"}).status_code == 422
        long = {"title": "t", "head": "side", "base": "main", "body": "x" * 65537}
        assert api.post("/pulls", json=long).status_code == 422


def test_title_and_body_change_and_a_closed_one_opens_again(world: World) -> None:
    pull = world.proposal()
    with world.api() as api:
        assert api.patch(pull, json={"title": "New", "body": "Words"}).json()["title"] == "New"
        assert api.patch(pull, json={"state": "closed"}).json()["state"] == "closed"
        assert api.get(pull).json()["body"] == "Words"
        assert api.get("/pulls").json() == []
        assert api.patch(pull, json={"state": "open"}).json()["closed_at"] is None
        assert api.patch(pull, json={"state": "ajar"}).status_code == 422


def test_reviewers_are_asked_but_never_the_author_nor_a_stranger(world: World) -> None:
    pull = world.proposal(who="ada")
    with world.api() as api:
        asked = api.post(f"{pull}/requested_reviewers", json={"reviewers": ["grace"]})
        author = api.post(f"{pull}/requested_reviewers", json={"reviewers": ["ada"]})
        stranger = api.post(f"{pull}/requested_reviewers", json={"reviewers": ["mallory"]})
        users = api.get(f"{pull}/requested_reviewers").json()["users"]
        left = api.request("DELETE", f"{pull}/requested_reviewers", json={"reviewers": ["grace"]}).json()

    assert [answer.status_code for answer in (asked, author, stranger)] == [201, 422, 422]
    assert [user["login"] for user in users] == ["grace"]
    assert left["requested_reviewers"] == []
