"""Squash and rebase merges have the shape, the words and the people that GitHub gives them."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
from liftgate_sandbox.forge.openpgp import PGP

from sandbox_tests.forge.world import REPOSITORY, World, git
from sandbox_tests.plain import http

WEB_FLOW = {"name": "GitHub", "email": "noreply@github.com"}
WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()


def commit(world: World, path: str, text: str, who: str, message: str) -> str:
    """By a person, on a branch that begins at main."""
    return world.plant({path: text}, branch="ada/one", who=who, message=message, when=WHEN)


@pytest.fixture
def pull(world: World) -> str:
    """Two commits on ada's branch: her own, and grace's. Main went on since."""
    world.forge.allow_merges(REPOSITORY, "merge", "squash", "rebase")
    world.plant({"a.json": "{}\n"})
    commit(world, "b.json", "1\n", "ada", "Add b\n\nIt is needed.\n")
    commit(world, "c.json", "2\n", "grace", "Add c\n")
    with world.api("ada") as api:
        answer = api.post("/pulls", json={"title": "Add b and c", "head": "ada/one", "base": "main"})
    world.plant({"a.json": '{"meanwhile": 1}\n'})
    return f"/pulls/{answer.json()['number']}"


def merged(world: World, pull: str, method: str, **more: str) -> Any:
    """The commits that it made, newest first."""
    with world.api("owner") as api:
        base = api.get("/commits/main").json()["sha"]
        answer = api.put(f"{pull}/merge", json={"merge_method": method, **more})
        assert answer.status_code == 200, answer.text
        made = api.get(f"/compare/{base}...main").json()["commits"]
        assert made[-1]["sha"] == answer.json()["sha"] == api.get(pull).json()["merge_commit_sha"]
    assert world.show("main:a.json") == '{"meanwhile": 1}\n'
    assert (world.show("main:b.json"), world.show("main:c.json")) == ("1\n", "2\n")
    return made[::-1]


def person(commit: Any, role: str) -> dict[str, str]:
    return {key: commit["commit"][role][key] for key in ("name", "email")}


def test_a_squash_is_one_commit_of_who_opened_it_with_the_others_as_co_authors(world: World, pull: str) -> None:
    (one,) = merged(world, pull, "squash")
    assert len(one["parents"]) == 1
    assert one["commit"]["message"] == (
        "Add b and c (#1)\n\n* Add b\n\nIt is needed.\n\n* Add c\n\n---------\n\n"
        "Co-authored-by: Grace <grace@example.com>"
    )
    assert person(one, "author") == {"name": "Ada", "email": "ada@example.com"}
    assert (person(one, "committer"), one["committer"]["login"]) == (WEB_FLOW, "web-flow")


def test_a_squash_of_one_commit_keeps_its_words(world: World) -> None:
    world.forge.allow_merges(REPOSITORY, "squash")
    world.plant({"a.json": '{"meanwhile": 1}\n', "c.json": "2\n"})
    commit(world, "b.json", "1\n", "ada", "Add b\n\nIt is needed.\n")
    with world.api("ada") as api:
        api.post("/pulls", json={"title": "Something", "head": "ada/one", "base": "main"})
    (one,) = merged(world, "/pulls/1", "squash")
    assert one["commit"]["message"] == "Add b (#1)\n\nIt is needed."


def test_words_that_are_given_are_taken_as_they_are(world: World, pull: str) -> None:
    (one,) = merged(world, pull, "squash", commit_title="Mine", commit_message="")
    assert one["commit"]["message"] == "Mine"


def test_a_rebase_makes_each_commit_again_and_who_merges_is_the_committer(world: World, pull: str) -> None:
    newer, older = merged(world, pull, "rebase")
    assert [person(each, "author")["name"] for each in (older, newer)] == ["Ada", "Grace"]
    assert [each["commit"]["message"] for each in (older, newer)] == ["Add b\n\nIt is needed.", "Add c"]
    assert {each["commit"]["author"]["date"] for each in (older, newer)} == {"2026-01-02T03:04:05Z"}
    assert {each["committer"]["login"] for each in (older, newer)} == {"owner"}
    assert [len(each["parents"]) for each in (older, newer)] == [1, 1]


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_the_pull_request_is_found_by_each_commit_that_it_made(world: World, pull: str, method: str) -> None:
    made = merged(world, pull, method)
    with world.api() as api:
        head = api.get(pull).json()["head"]["sha"]
        for sha in (*(each["sha"] for each in made), head):
            assert [each["number"] for each in api.get(f"/commits/{sha}/pulls").json()] == [1]
        base = made[-1]["parents"][0]["sha"]
        assert api.get(f"/commits/{base}/pulls").json() == []


def test_what_cannot_be_rebased_is_refused_and_changes_nothing(world: World, pull: str) -> None:
    world.plant({"b.json": "another\n"})
    before = world.forge.bare(REPOSITORY).branch("main")
    with world.api("owner") as api:
        for method, said in (("rebase", "This branch can't be rebased"), ("squash", "Pull Request is not mergeable")):
            answer = api.put(f"{pull}/merge", json={"merge_method": method})
            assert (answer.status_code, answer.json()["message"]) == (405, said)
    assert world.forge.bare(REPOSITORY).branch("main") == before


def verification(commit: Any) -> tuple[str, str]:
    """The reason, and the first line of the signature."""
    found = commit["commit"]["verification"]
    assert found["verified"] == (found["reason"] == "valid")
    return found["reason"], (found["signature"] or "").partition("\n")[0]


@pytest.mark.parametrize(("method", "reason"), [("merge", "valid"), ("squash", "valid"), ("rebase", "unsigned")])
def test_the_forge_signs_the_commits_that_it_makes_itself(world: World, pull: str, method: str, reason: str) -> None:
    newest, *_ = merged(world, pull, method)
    assert verification(newest) == (reason, PGP if reason == "valid" else "")


@pytest.mark.skipif(not shutil.which("gpg"), reason="gpg is not installed")
def test_gpg_believes_the_forges_signature_by_the_key_that_it_publishes(
    world: World, pull: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    newest, *_ = merged(world, pull, "merge")
    home = tmp_path_factory.mktemp("gpg")
    home.chmod(0o700)
    key = http.get(f"{world.url}/web-flow.gpg").content
    subprocess.run(["gpg", "--homedir", home, "--batch", "--import"], input=key, capture_output=True, check=True)
    told = git(world.clone("ada"), "verify-commit", "--raw", newest["sha"], check=False, text="", GNUPGHOME=str(home))
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    assert "GOODSIG" in told.stderr
    assert "GitHub <noreply@github.com>" in told.stderr


def test_a_signature_of_another_key_or_of_other_content_is_not_the_forges(world: World, pull: str) -> None:
    newest, *_ = merged(world, pull, "merge")
    bare = world.forge.bare(REPOSITORY)
    forged = bare.rewritten(newest["sha"], lambda data: data.replace(b"Merge pull", b"Forge pull"))
    bare.run("update-ref", "refs/heads/main", forged)
    with world.api("owner") as api:
        assert verification(api.get("/commits/main").json()) == ("unknown_key", PGP)
