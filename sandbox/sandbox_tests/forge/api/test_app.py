"""What holds for every REST call: sign-in, permission, limits, pages and errors."""

from __future__ import annotations

import pytest

from sandbox_tests.forge.world import REPOSITORY, TOKENS, World
from sandbox_tests.plain import http


@pytest.mark.parametrize("scheme", ["Bearer", "token"])
def test_a_token_signs_in_with_either_scheme(world: World, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {TOKENS['ada']}", "x-github-api-version": "2022-11-28"}

    answer = http.get(f"{world.url}/api/v3/user", headers=headers)

    assert answer.json()["login"] == "ada"
    assert answer.json()["email"] == "ada@example.com"


def test_a_bot_is_a_bot(world: World) -> None:
    with world.api("liftgate-bot") as api:
        assert api.get(f"{world.url}/api/v3/user").json()["type"] == "Bot"


def test_a_wrong_token_is_bad_credentials_in_githubs_shape(world: World) -> None:
    with world.api("nobody") as api:
        answer = api.get(world.home)

    assert answer.status_code == 401
    assert answer.json()["message"] == "Bad credentials"
    assert answer.json()["status"] == "401"
    assert answer.json()["documentation_url"].startswith("https://")


def test_without_a_token_nothing_is_answered(world: World) -> None:
    assert http.get(f"{world.url}/api/v3/repos/{REPOSITORY}").status_code == 401


def test_a_reader_changes_nothing(world: World) -> None:
    sha = world.plant({"a": "1"})
    with world.api("reader") as api:
        answer = api.post("/git/refs", json={"ref": "refs/heads/mine", "sha": sha})

    assert answer.status_code == 403
    assert world.forge.bare(REPOSITORY).branch("mine") is None


def test_what_is_not_there_is_not_found(world: World) -> None:
    with world.api() as api:
        assert api.get("/no/such/thing").json()["message"] == "Not Found"
        assert api.get("/pulls/7").status_code == 404
        assert api.get("/pulls/seven").status_code == 404
        assert api.get(f"{world.url}/api/v3/repos/team/other").status_code == 404


@pytest.mark.parametrize("body", ["{", "[]"])
def test_a_body_that_is_no_json_object_is_refused(world: World, body: str) -> None:
    with world.api() as api:
        assert api.post("/pulls", content=body).status_code == 400


def test_the_rest_of_the_allowance_is_counted_down(world: World) -> None:
    with world.api() as api:
        first = int(api.get(world.home).headers["x-ratelimit-remaining"])
        assert int(api.get(world.home).headers["x-ratelimit-remaining"]) == first - 1


def test_what_did_not_change_since_its_etag_is_304_and_free(world: World) -> None:
    with world.api() as api:
        first = api.get(world.home)
        again = api.get(world.home, headers={"if-none-match": first.headers["etag"]})
        world.forge.allow_merges(REPOSITORY, "squash")
        changed = api.get(world.home, headers={"if-none-match": first.headers["etag"]})
        told = api.get(f"{world.url}/api/v3/rate_limit").json()["resources"]["core"]

    assert (again.status_code, again.content, changed.status_code) == (304, b"", 200)
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]
    assert told["used"] == 2


def test_a_renamed_repository_redirects_calls_and_git(world: World) -> None:
    world.plant({"a": "1"})
    world.forge.rename(REPOSITORY, "team/settings")
    with world.api() as api:
        moved = api.get("/branches/main", params={"x": "1"})
        there = api.get(moved.headers["location"])

    assert moved.status_code == 301
    assert moved.headers["location"].endswith("/branches/main?x=1")
    assert there.json()["name"] == "main"
    assert (world.clone() / "a").read_text() == "1"


def test_a_long_list_comes_in_pages_that_link_to_each_other(world: World) -> None:
    pull = world.proposal()
    with world.api() as api:
        comments = pull.replace("pulls", "issues") + "/comments"
        for number in range(5):
            api.post(comments, json={"body": str(number)})

        first = api.get(comments, params={"per_page": 2})
        second = api.get(first.links["next"]["url"])
        third = api.get(second.links["next"]["url"])

    bodies = [comment["body"] for page in (first, second, third) for comment in page.json()]
    assert bodies == ["0", "1", "2", "3", "4"]
    assert first.links["last"]["url"] == str(third.url)
    assert "next" not in third.links
    assert second.links["prev"]["url"] == str(first.url) + "&page=1"
