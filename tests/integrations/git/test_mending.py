"""What killed processes and bad disks leave in a mirror is mended; real gits are killed."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.git.lock import Lock
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git
from tests.examples import NOW, WORKER
from tests.integrations.conftest import AUTHOR, Hosted

PATH = "configs/dev/values.json"
LEDGER = "refs/heads/liftgate/ledger"


def killed_while_it_moved(mirror: Mirror, ref: str) -> Path:
    """A real git that had prepared to move the ref when it was killed; the lock file it left."""
    process = subprocess.Popen(
        ["git", "update-ref", "--stdin"], cwd=mirror.directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"start\nupdate {ref} {mirror.head}\nprepare\n".encode())
    process.stdin.flush()
    assert process.stdout.readline() == b"start: ok\n"
    assert process.stdout.readline() == b"prepare: ok\n"
    process.kill()
    process.wait()
    lock = mirror.directory / f"{ref}.lock"
    assert lock.exists()
    return lock


def test_the_locks_of_a_killed_git_stop_no_fetch_and_no_push(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    theirs = hosted.commit({"README.md": b"theirs\n"})
    killed_while_it_moved(mirror, mirror.ref)
    assert mirror.fetch() == theirs
    lock = killed_while_it_moved(mirror, LEDGER)
    sha = mirror.write(theirs, {}, "Entry\n", NOW, AUTHOR, WORKER)
    assert mirror.push(sha, LEDGER, "") == "pushed"
    assert mirror.resolve(LEDGER) == sha
    assert not lock.exists()


@pytest.mark.parametrize("left", ["packed-refs.lock", "config.lock", "HEAD.lock", "shallow.lock"])
def test_other_locks_left_stop_nothing(hosted: Hosted, left: str) -> None:
    mirror = hosted.mirror("one")
    ref = "refs/heads/liftgate/preview/1"
    mirror.push(mirror.fetch(), ref, "")
    mirror.git("pack-refs", "--all")
    (mirror.directory / left).touch()
    other = hosted.mirror("other")
    other.fetch()
    other.remove(ref)
    theirs = hosted.commit({"README.md": b"theirs\n"})
    assert mirror.fetch() == theirs
    assert not mirror.resolve(ref)


def test_a_git_that_outlives_its_process_keeps_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "mirror.lock"
    with Lock(path) as lock:
        orphan = subprocess.Popen(["sleep", "600"], pass_fds=[lock.fileno()])
    with pytest.raises(Unavailable, match="made no progress"), Lock(path, within=0.1):
        pass
    orphan.kill()
    orphan.wait()
    with Lock(path):
        pass


def test_who_waits_goes_on_waiting_while_the_holder_makes_progress(tmp_path: Path) -> None:
    path = tmp_path / "mirror.lock"
    text = f"while sleep 0.2; do touch {path}; [ -e {path}.over ] && exit; done"
    with Lock(path) as lock:
        busy = subprocess.Popen(["sh", "-c", text], pass_fds=[lock.fileno()])
    with pytest.raises(Unavailable), Lock(path, within=0.01):
        pass
    Path(f"{path}.over").touch()
    with Lock(path, within=60):
        assert busy.wait() == 0


@pytest.mark.parametrize("left", ["nothing", "init", "empty config", "no head", "empty head"])
def test_a_mirror_whose_making_was_killed_is_made(hosted: Hosted, left: str) -> None:
    mirror = hosted.mirror("one")
    mirror.directory.mkdir(parents=True)
    if left != "nothing":
        Git(mirror.directory)("init", "--bare", "--quiet")
    if left == "empty config":
        (mirror.directory / "config").write_bytes(b"")
    if left == "no head":
        (mirror.directory / "HEAD").unlink()
    if left == "empty head":
        (mirror.directory / "HEAD").write_bytes(b"")
    assert mirror.fetch()
    assert mirror.file(mirror.head, PATH) is not None


def test_what_an_earlier_try_left_beside_is_removed(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    for suffix in (".new", ".old"):
        (mirror.directory.with_suffix(suffix) / "objects").mkdir(parents=True)
    assert mirror.fetch()
    assert sorted(path.suffix for path in mirror.directory.parent.iterdir()) == [".git", ".lock"]


def packs(mirror: Mirror) -> list[Path]:
    return sorted((mirror.directory / "objects" / "pack").glob("*.pack"))


def break_objects(mirror: Mirror) -> None:
    """The packs hold something else than their indexes say, as after a disk's bad day."""
    for pack in packs(mirror):
        data = pack.read_bytes()
        pack.chmod(0o644)
        pack.write_bytes(data[:12] + bytes(len(data) - 32) + data[-20:])
    for path in (mirror.directory / "objects").glob("??/*"):
        path.chmod(0o644)
        path.write_bytes(b"not what was written")


def test_a_mirror_with_broken_objects_says_so_and_is_made_again(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    head = mirror.fetch()
    break_objects(mirror)
    with pytest.raises(LiftgateError):
        mirror.log(head)
    assert mirror.fetch() == head
    file = mirror.file(head, PATH)
    assert file is not None
    assert b"example-app" in file.data


def test_what_cannot_be_read_is_never_taken_for_what_is_not_there(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    head = mirror.fetch()
    break_objects(mirror)
    with pytest.raises(Unavailable):
        mirror.file(head, PATH)


def test_a_broken_mirror_stays_while_the_remote_is_away(hosted: Hosted, tmp_path: Path) -> None:
    mirror = hosted.mirror("one")
    head = mirror.fetch()
    before = packs(mirror)
    (mirror.directory / "liftgate-suspect").touch()
    away = Mirror(tmp_path / "one", "http://127.0.0.1:9/x.git", "main")
    shutil.copytree(mirror.directory, away.directory, dirs_exist_ok=True)
    with pytest.raises(Unavailable):
        away.fetch()
    assert mirror.head == head
    assert packs(mirror) == before


def test_half_written_packs_of_killed_gits_are_removed_when_they_are_old(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    old, new = (mirror.directory / "objects" / "pack" / f"tmp_pack_{name}" for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 7200,) * 2)
    mirror.fetch()
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize(("slow", "ends"), [("echo busy >&2; sleep 0.8", True), ("sleep 0.8", False)])
def test_a_slow_first_fetch_goes_on_as_long_as_it_tells_of_progress(tmp_path: Path, slow: str, *, ends: bool) -> None:
    """The program on the other side takes five times as long as the deadline."""
    Git(tmp_path)("init", "--quiet", "--bare", "there.git")
    there = Git(tmp_path / "there.git")
    tree = there("mktree", stdin=b"")
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    there("update-ref", "refs/heads/main", there("commit-tree", tree, "-m", "first", extra=who))
    program = tmp_path / "upload-pack"
    program.write_text(f'#!/bin/sh\nfor i in 1 2 3 4 5 6; do {slow}; done\nexec git upload-pack "$@"\n')
    program.chmod(0o755)
    Git(tmp_path)("init", "--quiet", "--bare", "here.git")
    here = Git(tmp_path / "here.git")
    command = ("fetch", f"--upload-pack={program}", "../there.git", "refs/heads/main:refs/heads/main")
    if ends:
        assert here.run(*command, timeout=2, alive=lambda: None).status == 0
    else:
        with pytest.raises(Unavailable):
            here.run(*command, timeout=2, alive=lambda: None)
