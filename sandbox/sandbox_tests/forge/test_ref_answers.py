"""What refs there are, the forge says byte for byte as git says it."""

from __future__ import annotations

import subprocess

import httpx
import pytest
from liftgate_sandbox.forge.bare import Bare, git_environment
from liftgate_sandbox.packet_lines import DELIMITER, FLUSH, packet

from sandbox_tests.forge.world import REPOSITORY, World
from sandbox_tests.plain import http

SERVICES = ("git-upload-pack", "git-receive-pack")
LISTINGS = {
    "everything": [b"peel\n", b"symrefs\n"],
    "what a fetch asks": [
        b"peel\n",
        b"symrefs\n",
        b"ref-prefix refs/heads/main\n",
        b"ref-prefix refs/heads/liftgate/\n",
    ],
    "HEAD of an empty repository": [b"symrefs\n", b"unborn\n", b"ref-prefix HEAD\n"],
    "no symbolic refs": [b"ref-prefix HEAD\n", b"ref-prefix refs/pull/\n"],
    "nothing more": [],
}


def told(world: World, method: str, service: str, body: bytes = b"", **headers: str) -> httpx.Response:
    of = "" if method == "POST" else f"info/refs?service={service}"
    answer = http.request(
        method,
        f"{world.url}/{REPOSITORY}.git/{of or service}",
        content=body,
        headers=headers,
        auth=("ada", "token-of-ada"),
    )
    return answer.raise_for_status()


def said_by_git(bare: Bare, service: str, *options: str, body: bytes = b"", protocol: str = "") -> bytes:
    command = ["git", service.removeprefix("git-"), *options, "."]
    environment = git_environment(**({"GIT_PROTOCOL": protocol} if protocol else {}))
    return subprocess.run(command, cwd=bare.path, env=environment, input=body, capture_output=True, check=True).stdout


def with_refs(world: World, *refs: str) -> Bare:
    bare = world.forge.bare(REPOSITORY)
    if refs:
        sha = world.commit({"a": "1"})
        for ref in refs:
            bare.run("update-ref", ref, sha)
    return bare


STATES: dict[str, tuple[str, ...]] = {
    "empty": (),
    "main": ("refs/heads/main",),
    "branches and pulls": ("refs/heads/a-b", "refs/heads/a/b", "refs/heads/liftgate/ledger", "refs/pull/1/head"),
    "a tag": ("refs/tags/v1",),
}


@pytest.mark.parametrize("state", STATES)
def test_all_answers_are_those_of_git(world: World, state: str) -> None:
    bare = with_refs(world, *STATES[state])
    for _ in range(2):  # asked of git, and known
        for service in SERVICES:
            expected = said_by_git(bare, service, "--http-backend-info-refs")
            answer = told(world, "GET", service)
            assert answer.content == packet(f"# service={service}\n".encode()) + FLUSH + expected
            assert answer.headers["content-type"] == f"application/x-{service}-advertisement"
    for name, asked in LISTINGS.items():
        begin = packet(b"command=ls-refs\n") + packet(b"agent=git/2.39.5") + packet(b"object-format=sha1")
        body = begin + DELIMITER + b"".join(map(packet, asked)) + FLUSH
        headers = {"git-protocol": "version=2", "content-type": "application/x-git-upload-pack-request"}
        answer = told(world, "POST", "git-upload-pack", body, **headers)
        assert answer.content == said_by_git(
            bare, "git-upload-pack", "--stateless-rpc", body=body, protocol="version=2"
        ), name
        assert answer.headers["content-type"] == "application/x-git-upload-pack-result"


def test_packed_refs_and_removed_ones_are_seen(world: World) -> None:
    bare = with_refs(world, "refs/heads/a", "refs/heads/b")
    bare.run("pack-refs", "--all")
    moved = bare.run("commit-tree", "-m", "x", "refs/heads/main^{tree}", GIT_AUTHOR_NAME="A", GIT_AUTHOR_EMAIL="a@b",
                     GIT_COMMITTER_NAME="A", GIT_COMMITTER_EMAIL="a@b")  # fmt: skip
    bare.run("update-ref", "refs/heads/a", moved)
    bare.run("update-ref", "-d", "refs/heads/b")
    expected = said_by_git(bare, "git-upload-pack", "--http-backend-info-refs")
    assert told(world, "GET", "git-upload-pack").content.endswith(expected)
