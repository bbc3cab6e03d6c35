"""A mirror's packs and loose objects are bounded however long it is used, and no process waits long for that."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from liftgate.integrations.git import tidy
from liftgate.integrations.git.lock import Lock
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Git
from tests.examples import NOW, WORKER
from tests.integrations.conftest import AUTHOR, Hosted

ROUNDS = 9
PATH = "configs/dev/values.json"


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few packs are many."""
    monkeypatch.setattr(tidy, "PACKS", 4)
    monkeypatch.setattr(tidy, "LOOSE", 30)


def packs(mirror: Mirror) -> int:
    return len(list((mirror.directory / "objects" / "pack").glob("*.pack")))


def loose(mirror: Mirror) -> int:
    return int(mirror.git("count-objects").split()[0])


@pytest.mark.usefixtures("soon")
def test_the_packs_of_many_fetches_and_the_objects_of_many_commits_are_bounded(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    first, most = mirror.head, 0
    for number in range(ROUNDS):
        hosted.commit({PATH: f'{{"number": {number}}}\n'.encode()})
        head = mirror.fetch()
        sha = mirror.write(head, {PATH: f'{{"ours": {number}}}\n'.encode()}, "Ours", NOW, AUTHOR, WORKER)
        assert mirror.push(sha, mirror.ref, head) == "pushed"
        tidy.tidy(mirror.directory, is_busy=False)
        most = max(most, packs(mirror))
        assert loose(mirror) < 30
    assert most <= 4
    assert mirror.fetch() == sha
    assert mirror.git("rev-list", "--count", f"{first}..{sha}") == str(2 * ROUNDS)
    assert "?" not in mirror.git("rev-list", "--objects", "--missing=print", sha), "the remote need not send any again"
    assert mirror.git.run("fsck").status == 0


@pytest.mark.usefixtures("soon")
def test_nothing_is_lost_that_is_not_on_a_branch_yet(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = hosted.mirror("one")
    sha = mirror.write(mirror.fetch(), {PATH: b"{}\n"}, "Ours", NOW, AUTHOR, WORKER)
    monkeypatch.setattr(tidy, "LOOSE", 1)
    assert tidy.tidy(mirror.directory, is_busy=False)
    assert loose(mirror) == 0
    assert mirror.push(sha, mirror.ref, mirror.head) == "pushed"


def test_which_files_each_commit_changed_is_noted_at_the_first_quiet_moment(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    noted = mirror.directory / "objects/info/commit-graph"
    assert not tidy.tidy(mirror.directory, is_busy=False), "nothing is there yet"
    mirror.fetch()
    assert not tidy.tidy(mirror.directory, is_busy=True)
    assert not noted.exists()
    assert not tidy.tidy(mirror.directory, is_busy=False), "it is no packing"
    data, inode = noted.read_bytes(), noted.stat().st_ino
    assert b"BDAT" in data, "with Bloom filters of the paths"
    assert not tidy.tidy(mirror.directory, is_busy=False)
    assert noted.stat().st_ino == inode, "once"


def unnoted(mirror: Mirror) -> int:
    """Commits of the branch of which git does not know which files they changed."""
    told = mirror.git.run("rev-list", "-n1", mirror.head, "--", "no/such/file", extra={"GIT_TRACE2_PERF": "1"}).err
    noted = re.findall(rb'"(?:maybe|definitely_not)":(\d+)', told)
    return int(mirror.git("rev-list", "--count", "--min-parents=1", mirror.head)) - sum(map(int, noted))


def test_the_newest_commits_of_a_long_history_are_noted_too(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "_FILTERS", 2)
    for number in range(5):
        hosted.commit({PATH: f'{{"number": {number}}}\n'.encode()})
    mirror = hosted.mirror("one")
    mirror.fetch()
    tidy.tidy(mirror.directory, is_busy=False)
    assert unnoted(mirror) == 0


@pytest.mark.parametrize(("is_busy", "hours"), [(False, 2), (True, 25)])
def test_commits_that_came_since_are_noted_later(is_busy: bool, hours: int, hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    tidy.tidy(mirror.directory, is_busy=False)
    hosted.commit({PATH: b'{"number": 1}\n'})
    mirror.fetch()
    tidy.tidy(mirror.directory, is_busy=is_busy)
    assert unnoted(mirror) == 1, "not at once"
    earlier = time.time() - 3600 * hours
    os.utime(mirror.directory / "objects/info/commit-graph", (earlier, earlier))
    tidy.tidy(mirror.directory, is_busy=is_busy)
    assert unnoted(mirror) == 0


def test_a_tidy_mirror_is_left_alone(hosted: Hosted) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    assert not tidy.tidy(mirror.directory, is_busy=False)


@pytest.mark.usefixtures("soon")
def test_it_waits_for_no_other_process_and_disturbs_no_run(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    monkeypatch.setattr(tidy, "PACKS", 1)
    assert not tidy.tidy(mirror.directory, is_busy=True), "runs are active here"
    began = time.monotonic()
    with Lock(mirror.directory.with_suffix(".lock")):
        assert not tidy.tidy(mirror.directory, is_busy=False), "a fetch has the lock"
    assert time.monotonic() - began < 10.0
    assert tidy.tidy(mirror.directory, is_busy=False)
    monkeypatch.setattr(tidy, "URGENT", 1.0)
    assert tidy.tidy(mirror.directory, is_busy=True), "it is urgent"


@pytest.mark.usefixtures("soon")
def test_what_cannot_be_packed_is_tried_once_a_day_and_stays_usable(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    monkeypatch.setattr(tidy, "PACKS", 1)
    with monkeypatch.context() as slow:
        slow.setattr(Git.run, "__kwdefaults__", {**(Git.run.__kwdefaults__ or {}), "timeout": 0.001})
        assert not tidy.tidy(mirror.directory, is_busy=False)
    assert not tidy.tidy(mirror.directory, is_busy=False), "not again at once"
    yesterday = time.time() - 90_000
    os.utime(mirror.directory / tidy._FAILED, (yesterday, yesterday))
    assert tidy.tidy(mirror.directory, is_busy=False)
    assert mirror.git.run("fsck").status == 0


@pytest.mark.usefixtures("soon")
def test_a_pack_that_is_being_written_stays(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    """git fetches a missing file without the mirror's lock, and writes the index of its pack last."""
    mirror = hosted.mirror("one")
    mirror.fetch()
    monkeypatch.setattr(tidy, "PACKS", 1)
    place = mirror.directory / "objects" / "pack"
    blob = mirror.git("hash-object", "-w", "--stdin", stdin=b"large")
    half = place / f"pack-{mirror.git('pack-objects', '-q', str(place / 'pack'), stdin=blob.encode())}.pack"
    (mirror.directory / "objects" / blob[:2] / blob[2:]).unlink()
    half.with_suffix(".idx").rename(half.with_suffix(".later"))
    assert tidy.tidy(mirror.directory, is_busy=False)
    half.with_suffix(".later").rename(half.with_suffix(".idx"))
    assert mirror.git("cat-file", "-p", blob) == "large"
    half.with_suffix(".idx").unlink()
    long_ago = time.time() - 7200
    os.utime(half, (long_ago, long_ago))
    assert tidy.tidy(mirror.directory, is_busy=False)
    assert not half.exists(), "no process writes it any more"


def test_the_mirror_of_a_repository_that_is_not_used_any_more_is_removed(hosted: Hosted, tmp_path: Path) -> None:
    mirror = hosted.mirror("one")
    mirror.fetch()
    old = mirror.directory.with_name("0123456789abcdef.git")
    for name in ("0123456789abcdef", "used"):
        mirror.directory.with_name(f"{name}.git").mkdir()
        mirror.directory.with_name(f"{name}.lock").touch()
    month = time.time() - 31 * 86400
    os.utime(old.with_suffix(".lock"), (month, month))
    os.utime(mirror.directory.with_suffix(".lock"), (month, month))
    tidy.remove_unused(mirror.directory)
    left = sorted(path.name for path in mirror.directory.parent.glob("*.git"))
    assert left == sorted([mirror.directory.name, "used.git"])
