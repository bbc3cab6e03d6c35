"""Commits, statuses, check runs, comparisons and contents."""

from __future__ import annotations

import base64

from sandbox_tests.forge.world import REPOSITORY, World


def test_a_commit_names_its_author_message_and_parents(world: World) -> None:
    first = world.plant({"a": "1"})
    second = world.plant({"b": "2"})
    with world.api() as api:
        shape = api.get("/commits/main").json()

    assert shape["sha"] == second
    assert shape["commit"]["message"] == "Change b"
    assert shape["commit"]["author"]["email"] == "ada@example.com"
    assert shape["author"]["login"] == "ada"
    assert [parent["sha"] for parent in shape["parents"]] == [first]
    assert shape["commit"]["verification"]["reason"] == "unsigned"


def test_the_commits_of_a_path_are_listed_newest_first(world: World) -> None:
    shas = [world.plant({"a": str(number)}) for number in range(2)]
    world.plant({"b": "0"})
    with world.api() as api:
        found = api.get("/commits", params={"path": "a"}).json()

    assert [commit["sha"] for commit in found] == shas[::-1]


def test_with_no_status_at_all_the_state_is_pending(world: World) -> None:
    world.plant({"a": "1"})
    with world.api() as api:
        shape = api.get("/commits/main/status").json()

    assert (shape["state"], shape["statuses"], shape["total_count"]) == ("pending", [], 0)


def test_the_newest_status_of_each_context_counts(world: World) -> None:
    sha = world.plant({"a": "1"})
    with world.api("liftgate-bot") as api:
        for context, state in (("one", "pending"), ("two", "success"), ("one", "success")):
            answer = api.post(f"/statuses/{sha}", json={"context": context, "state": state})
            assert answer.status_code == 201
        good = api.get(f"/commits/{sha}/status").json()
        api.post(f"/statuses/{sha}", json={"context": "two", "state": "failure", "description": "no"})
        bad = api.get(f"/commits/{sha}/status").json()
        history = api.get(f"/commits/{sha}/statuses").json()

    assert good["state"] == "success"
    assert bad["state"] == "failure"
    assert {status["context"]: status["state"] for status in bad["statuses"]} == {
        "one": "success",
        "two": "failure",
    }
    assert len(history) == 4
    assert history[0]["creator"]["login"] == "liftgate-bot"


def test_a_status_of_an_unknown_commit_or_state_is_refused(world: World) -> None:
    sha = world.plant({"a": "1"})
    with world.api() as api:
        assert api.post(f"/statuses/{'0' * 40}", json={"state": "success"}).status_code == 422
        assert api.post(f"/statuses/{sha}", json={"state": "great"}).status_code == 422


def test_check_runs_are_empty_until_somebody_makes_one(world: World) -> None:
    sha = world.plant({"a": "1"})
    with world.api() as api:
        empty = api.get(f"/commits/{sha}/check-runs").json()
        refused = api.post("/check-runs", json={"head_sha": sha, "name": "lint"})
        world.forge.add_check(REPOSITORY, sha, "lint", status="queued")
        world.forge.add_check(REPOSITORY, sha, "lint", conclusion="success")
        runs = api.get(f"/commits/{sha}/check-runs").json()

    assert refused.json()["message"] == "You must authenticate via a GitHub App."
    assert empty == {"total_count": 0, "check_runs": []}
    assert runs["total_count"] == 1
    assert (runs["check_runs"][0]["status"], runs["check_runs"][0]["conclusion"]) == ("completed", "success")


def test_a_comparison_tells_how_far_two_branches_are_apart(world: World) -> None:
    parted = world.plant({"a": "1"})
    world.plant({"b": "1\n"}, branch="side")
    world.plant({"c": "1"})
    with world.api() as api:
        shape = api.get("/compare/main...side").json()
        same = api.get("/compare/main...main").json()
        assert api.get("/compare/main...none").status_code == 404

    assert (shape["status"], shape["ahead_by"], shape["behind_by"]) == ("diverged", 1, 1)
    assert shape["merge_base_commit"]["sha"] == parted
    assert [(file["filename"], file["status"], file["additions"]) for file in shape["files"]] == [("b", "added", 1)]
    assert "+1" in shape["files"][0]["patch"]
    assert same["status"] == "identical"


def test_a_file_comes_with_its_content_and_a_folder_with_its_entries(world: World) -> None:
    world.plant({"configs/dev/values.json": "{}", "configs/dev/other.json": "[]", "top": "1"})
    with world.api() as api:
        file = api.get("/contents/configs/dev/values.json", params={"ref": "main"}).json()
        folder = api.get("/contents/configs/dev").json()
        root = api.get("/contents/").json()
        assert api.get("/contents/configs/prod").status_code == 404

    assert base64.b64decode(file["content"]) == b"{}"
    assert [entry["path"] for entry in folder] == ["configs/dev/other.json", "configs/dev/values.json"]
    assert [(entry["name"], entry["type"]) for entry in root] == [("configs", "dir"), ("top", "file")]
