"""What git can do is asked of git once; what a repository has, each time."""

from __future__ import annotations

import httpx

from sandbox_tests.forge.world import REPOSITORY, TOKENS, World, git
from sandbox_tests.plain import http

PROTOCOL = {"git-protocol": "version=2"}


def capabilities(world: World) -> httpx.Response:
    url = f"{world.url}/{REPOSITORY}.git/info/refs?service=git-upload-pack"
    return http.get(url, headers=PROTOCOL, auth=("ada", TOKENS["ada"]))


def test_they_are_the_same_each_time_and_those_of_the_settings(world: World) -> None:
    first = capabilities(world)
    assert first.content.startswith(b"000eversion 2\n")
    assert b"filter" in first.content
    again = capabilities(world)
    assert (again.status_code, again.content, again.headers["content-type"]) == (
        200,
        first.content,
        "application/x-git-upload-pack-advertisement",
    )
    git(world.forge.core.path(REPOSITORY), "config", "uploadpack.allowFilter", "false")
    assert b"filter" not in capabilities(world).content


def test_a_branch_that_was_pushed_since_is_there(world: World) -> None:
    clone = world.clone("reader")
    capabilities(world)
    sha = world.commit({"a": "1"})
    assert sha in git(clone, "ls-remote", "origin", "main").stdout
