"""Git's own client against the forge: who may fetch and push, and what the protocol offers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from liftgate_sandbox.forge import Forge, Protection
from liftgate_sandbox.serve import serve

from sandbox_tests.forge.world import REPOSITORY, World, git


def test_what_was_pushed_is_cloned(world: World) -> None:
    world.commit({"configs/dev/values.json": '{"replicas": 1}'})

    assert (world.clone("reader") / "configs/dev/values.json").read_text() == '{"replicas": 1}'


def test_a_large_push_travels_in_chunks(world: World) -> None:
    text = "".join(f"{number:032x}\n" for number in range(90_000))
    world.commit({"large.txt": text})

    assert (world.clone() / "large.txt").read_text() == text


def test_a_bare_partial_shallow_clone_has_the_tree_and_no_blobs(world: World) -> None:
    world.commit({"configs/dev/values.json": "{}"})
    world.commit({"configs/dev/values.json": "[]"})

    clone = world.clone("reader", "--bare", "--filter=blob:none", "--depth=1")

    assert git(clone, "rev-list", "--count", "main").stdout.strip() == "1"
    missing = git(clone, "rev-list", "--objects", "--missing=print", "main").stdout.splitlines()
    assert len([line for line in missing if line.startswith("?")]) == 1
    assert git(clone, "cat-file", "blob", "main:configs/dev/values.json").stdout == "[]"


def test_any_commit_can_be_fetched_by_its_name(world: World) -> None:
    first = world.commit({"a": "1"})
    world.commit({"a": "2"})
    clone = world.clone("ada", "--depth=1")

    git(clone, "fetch", "--quiet", "--depth=1", "origin", first)

    assert git(clone, "show", f"{first}:a").stdout == "1"


def test_an_exact_lease_lets_one_of_two_writers_win(world: World) -> None:
    start = world.commit({"a": "1"})
    clone = world.clone()
    world.commit({"a": "2"})
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "late")

    late = git(clone, "push", "--porcelain", f"--force-with-lease=main:{start}", "origin", "HEAD:main", check=False)

    assert late.returncode == 1
    assert "!\tHEAD:refs/heads/main\t[rejected] (stale info)" in late.stdout


@pytest.mark.parametrize("who", ["a-wrong-token", ""])
def test_nothing_is_told_to_somebody_without_a_known_token(world: World, who: str) -> None:
    refused = git(world.folder, "ls-remote", world.remote(who), check=False)

    assert refused.returncode == 128
    assert "Authentication failed" in refused.stderr


def test_no_token_at_all_is_asked_for_one(world: World) -> None:
    refused = git(world.folder, "ls-remote", f"{world.url}/{REPOSITORY}.git", check=False)

    assert "could not read Username" in refused.stderr


def test_a_reader_cannot_push(world: World) -> None:
    head = world.commit({"a": "1"})
    clone = world.clone("reader")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "mine")

    refused = git(clone, "push", "origin", "HEAD:main", check=False)

    assert "error: 403" in refused.stderr
    assert git(clone, "ls-remote", "origin", "refs/heads/main").stdout.split()[0] == head


def test_a_repository_that_is_not_there_is_not_found(world: World) -> None:
    refused = git(world.folder, "ls-remote", world.remote().replace("config", "other"), check=False)

    assert "not found" in refused.stderr


def test_a_protected_branch_takes_pushes_from_those_who_may_only(world: World) -> None:
    world.commit({"a": "1"})
    world.forge.protect(REPOSITORY, "main", Protection(approvals=1, may_push=("liftgate-bot",)))
    clone = world.clone("ada")
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "direct")

    refused = git(clone, "push", "origin", "HEAD:main", check=False)
    allowed = git(clone, "push", "--porcelain", world.remote("liftgate-bot"), "HEAD:main")

    assert "GH006: Protected branch update failed for refs/heads/main." in refused.stderr
    assert "(hook declined)" in refused.stderr
    assert "Done" in allowed.stdout


@pytest.mark.parametrize("rewrite", ["+HEAD~1:main", ":main"])
def test_nobody_rewrites_or_deletes_a_protected_branch(world: World, rewrite: str) -> None:
    world.commit({"a": "1"})
    head = world.commit({"a": "2"})
    world.forge.protect(REPOSITORY, "main", Protection(may_push=("liftgate-bot",)))
    clone = world.clone("liftgate-bot")

    refused = git(clone, "push", "origin", rewrite, check=False)

    assert refused.returncode == 1
    assert git(clone, "ls-remote", "origin", "refs/heads/main").stdout.split()[0] == head


def test_a_restarted_forge_knows_its_people_and_repositories(world: World, tmp_path: Path) -> None:
    world.commit({"a": "1"})

    with serve(Forge(tmp_path / "forge").asgi()) as again:
        assert (World(world.forge, again.url, world.folder).clone() / "a").read_text() == "1"


def test_of_many_pushes_at_once_none_is_lost(world: World) -> None:
    world.commit({"start": "1"})
    clones = [world.clone() for _ in range(3)]

    def write(number: int) -> None:
        clone = clones[number]
        (clone / f"{number}").write_text("x")
        git(clone, "add", "--all")
        git(clone, "commit", "--quiet", "-m", str(number))
        while git(clone, "push", "origin", "HEAD:main", check=False).returncode:
            git(clone, "pull", "--quiet", "--rebase", "origin", "main")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, range(3)))

    assert {path.name for path in world.clone().iterdir()} == {".git", "start", "0", "1", "2"}
