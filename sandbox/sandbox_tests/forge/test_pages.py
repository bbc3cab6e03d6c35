"""The pages for people: what they show, and buttons that act like the API."""

from __future__ import annotations

import httpx
from liftgate_sandbox.forge import Protection

from sandbox_tests.forge.world import REPOSITORY, World
from sandbox_tests.plain import http


def page(world: World, path: str) -> str:
    answer = http.get(f"{world.url}/{path}")
    assert answer.status_code == 200
    return answer.text


def press(world: World, button: str, you: str, body: str = "") -> httpx.Response:
    form = {"press": button, "you": you, "body": body}
    return http.post(f"{world.url}/{REPOSITORY}/pull/1", data=form, follow_redirects=True)


def test_a_pull_request_is_shown_with_its_diff_checks_and_talk(world: World) -> None:
    pull = world.proposal(path="b.json")
    head = world.forge.bare(REPOSITORY).branch("promote/1")
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1, contexts=("ci", "other")))
    with world.api("liftgate-bot") as api:
        api.patch(pull, json={"title": "<Lift>", "body": "**Plan**"})
        api.post(f"/statuses/{head}", json={"context": "ci", "state": "success"})
        api.post("/issues/1/comments", json={"body": "Previewed"})
    shown = page(world, f"{REPOSITORY}/pull/1")

    assert "&lt;Lift&gt;" in shown
    assert "<strong>Plan</strong>" in shown
    assert '<tr class="added"><td></td><td>1</td><td><pre>[]</pre></td></tr>' in shown
    assert 'class="badge check success"' in shown
    assert 'class="badge check expected"' in shown
    assert "At least 1 approving review is required" in shown
    assert "Previewed" in shown


def test_approve_is_a_review_by_the_person_one_is(world: World) -> None:
    pull = world.proposal()

    shown = press(world, "approve", "grace", "Good").text

    assert "approved these changes" in shown
    assert '<option value="grace" selected>' in shown
    with world.api() as api:
        review = api.get(f"{pull}/reviews").json()[0]
    assert (review["user"]["login"], review["state"], review["body"]) == ("grace", "APPROVED", "Good")


def test_the_author_is_told_what_the_api_would_tell(world: World) -> None:
    world.proposal(who="ada")

    assert "Can not approve your own pull request" in press(world, "approve", "ada").text
    assert "Body can&#39;t be blank" in press(world, "request-changes", "grace").text
    assert "Choose who you are" in press(world, "shout", "grace").text
    assert "Choose who you are" in press(world, "approve", "mallory").text


def test_a_person_merges_by_hand_if_they_may(world: World) -> None:
    pull = world.proposal()

    assert "reader may not merge." in press(world, "merge", "reader").text
    assert "Merged" in press(world, "merge", "ada").text
    with world.api() as api:
        assert api.get(pull).json()["merged_by"]["login"] == "ada"


def test_a_conflict_is_said_and_cannot_be_merged(world: World) -> None:
    world.proposal(path="same.json")
    world.plant({"same.json": "{}\n"})
    shown = page(world, f"{REPOSITORY}/pull/1")

    assert "This branch has conflicts with the base" in shown
    assert 'value="merge" disabled' in shown


def test_commits_are_listed_and_each_has_a_page(world: World) -> None:
    first = world.plant({"a": "1\n"})
    second = world.plant({"a": "2\n"})
    world.plant({"c": "x"}, branch="promote/1")

    listed = page(world, f"{REPOSITORY}/commits/main")
    assert listed.index(second[:10]) < listed.index(first[:10])
    assert '<tr class="removed"><td>1</td><td></td><td><pre>1</pre></td></tr>' in page(
        world, f"{REPOSITORY}/commit/{second}"
    )
    assert first in page(world, f"{REPOSITORY}/commit/{first}")
    assert "Change c" in page(world, f"{REPOSITORY}/commits/promote/1")


def test_repositories_and_their_pull_requests_are_listed(world: World) -> None:
    world.proposal()

    assert "1 open pull requests" in page(world, "")
    assert "Add b.json" in page(world, REPOSITORY)


def test_what_is_not_there_is_said_so(world: World) -> None:
    world.plant({"a": "1"})
    paths = ("team/other", f"{REPOSITORY}/pull/9", f"{REPOSITORY}/commits/none", f"{REPOSITORY}/commit/none")

    assert [http.get(f"{world.url}/{path}").status_code for path in paths] == [404] * 4
