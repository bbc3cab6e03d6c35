"""Commits with garbage in them, by others: each is one commit that cannot be read, never the end of a list."""

from __future__ import annotations

import subprocess
from pathlib import Path

from liftgate.integrations.git.repository import Author
from liftgate.integrations.ledger import pause_files
from tests.examples import NOW
from tests.integrations.conftest import Hosted

PLAIN = b"Ada <ada@example.com> 1700000000 +0000"
GARBAGE = {
    "separators": (PLAIN, PLAIN, b"one\x1etwo\x1fthree\x0b\n\nPromotion-Id: separators\n"),
    "huge date": (PLAIN, b"Ada <a@b> 99999999999999999999999 +0000", b"huge\n"),
    "year 300000": (PLAIN, b"Ada <a@b> 9999999999999 +0000", b"far\n"),
    "negative date": (PLAIN, b"Ada <a@b> -99999999999999 +0000", b"early\n"),
    "no date": (PLAIN, b"Ada <a@b>", b"never\n"),
    "nobody": (b"", b"", b"nobody\n"),
    "not utf-8": (b"\xff\xfe <a@b> 1700000000 +0000", PLAIN, b"\xff\xfe\x80\n"),
    "nothing": (PLAIN, PLAIN, b""),
}
UNREADABLE = {"huge date", "year 300000", "negative date", "no date", "nobody"}


def push_garbage(folder: Path, name: str, ref: str = "refs/heads/main") -> str:
    """By somebody whose git writes what it is told, to a forge that takes it."""
    bare = next((folder / "forge").rglob("config.git"))
    author, committer, message = GARBAGE[name]

    def git(*arguments: str, data: bytes = b"") -> str:
        done = subprocess.run(["git", "-C", str(bare), *arguments], input=data, capture_output=True, check=True)
        return done.stdout.decode().strip()

    tree, parent = git("rev-parse", "refs/heads/main^{tree}"), git("rev-parse", "refs/heads/main")
    head = b"tree %b\nparent %b\nauthor %b\ncommitter %b\n\n" % (tree.encode(), parent.encode(), author, committer)
    sha = git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", data=head + message)
    git("update-ref", ref, sha)
    return sha


def test_the_commits_around_them_are_read(hosted: Hosted, tmp_path: Path) -> None:
    before = hosted.commit({"README.md": b"1"}, "before\n\nPromotion-Id: 1\n")
    garbage = {push_garbage(tmp_path, name): name for name in GARBAGE}
    mirror = hosted.mirror("one")
    after = hosted.commit({"README.md": b"2"}, "after\n\nPromotion-Id: 2\n")
    assert mirror.fetch() == after
    newest, *between, oldest = mirror.log(mirror.ref)[: len(GARBAGE) + 2]
    assert (newest.sha, newest.message) == (after, "after\n\nPromotion-Id: 2\n")
    assert (oldest.sha, oldest.message) == (before, "before\n\nPromotion-Id: 1\n")
    assert [commit.sha for commit in reversed(between)] == list(garbage)
    assert {garbage[commit.sha] for commit in between if not commit.is_readable} == UNREADABLE
    assert [commit.sha for commit in mirror.log(mirror.ref, grep="Promotion-Id: 1")] == [before]


def test_a_stop_by_such_a_commit_still_stops(hosted: Hosted, tmp_path: Path) -> None:
    refs = {f"env{number}": f"refs/heads/liftgate/stop/env{number}" for number in range(len(GARBAGE))}
    for name, ref in zip(GARBAGE, refs.values(), strict=True):
        push_garbage(tmp_path, name, ref)
    mirror = hosted.mirror("one")
    mirror.fetch()
    found = pause_files.read_pauses(mirror, ())
    assert [stop.environment for stop in found] == list(refs)
    assert all(len(stop.sentence.splitlines()) == 1 for stop in found)


def test_an_author_can_write_no_header(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    hostile = Author(name="Ada\nparent " + "1" * 40 + "\n<", email="a@b> 1 +0000\n\nx")
    (commit,) = mirror.log(mirror.write(mirror.fetch(), {"a": b"1"}, "why\x1e\n", NOW, hostile, None), limit=1)
    assert commit.parents == (mirror.head,)
    assert commit.when == NOW
    assert commit.message == "why\N{REPLACEMENT CHARACTER}\n"
