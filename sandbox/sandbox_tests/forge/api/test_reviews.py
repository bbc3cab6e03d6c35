"""Reviews: whose, of which commit, and what GitHub refuses."""

from __future__ import annotations

from sandbox_tests.forge.world import REPOSITORY, World


def test_a_review_says_who_what_and_of_which_commit(world: World) -> None:
    pull = world.proposal()
    head = world.forge.bare(REPOSITORY).branch("promote/1")
    with world.api("ada") as api:
        api.post(f"{pull}/reviews", json={"event": "APPROVE", "body": "Good", "commit_id": head})
        reviews = api.get(f"{pull}/reviews").json()

    assert [(each["user"]["login"], each["state"], each["commit_id"]) for each in reviews] == [
        ("ada", "APPROVED", head)
    ]


def test_nobody_approves_their_own_pull_request(world: World) -> None:
    pull = world.proposal(who="ada")
    with world.api("ada") as api:
        answer = api.post(f"{pull}/reviews", json={"event": "APPROVE"})
        assert api.get(f"{pull}/reviews").json() == []

    assert answer.status_code == 422
    assert answer.json()["errors"] == ["Can not approve your own pull request"]


def test_a_request_for_changes_needs_words_and_an_event_a_name(world: World) -> None:
    pull = world.proposal()
    with world.api("ada") as api:
        assert api.post(f"{pull}/reviews", json={"event": "REQUEST_CHANGES"}).status_code == 422
        assert api.post(f"{pull}/reviews", json={"event": "SHRUG"}).status_code == 422
        assert api.post(f"{pull}/reviews", json={"event": "APPROVE", "commit_id": "0" * 40}).status_code == 422


def test_a_review_takes_its_author_off_the_list_of_people_asked(world: World) -> None:
    pull = world.proposal()
    with world.api("ada") as api:
        api.post(f"{pull}/requested_reviewers", json={"reviewers": ["ada", "grace"]})
        api.post(f"{pull}/reviews", json={"event": "APPROVE"})
        left = api.get(f"{pull}/requested_reviewers").json()["users"]

    assert [user["login"] for user in left] == ["grace"]


def test_an_approval_can_be_dismissed_once(world: World) -> None:
    pull = world.proposal()
    with world.api("ada") as api:
        review = api.post(f"{pull}/reviews", json={"event": "APPROVE"}).json()["id"]
        first, second = (api.put(f"{pull}/reviews/{review}/dismissals", json={"message": "m"}) for _ in range(2))
        assert api.put(f"{pull}/reviews/9999/dismissals", json={"message": "m"}).status_code == 404

    assert first.json()["state"] == "DISMISSED"
    assert second.status_code == 422
