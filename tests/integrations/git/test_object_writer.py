"""New objects are where git looks for them, whole, and with the rights of their neighbours."""

from __future__ import annotations

import os
import random
import resource
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.counting import count_costs

FILES = {"a/b.json": b"1", "c.json": b"2" * 100_000}


def made(folder: Path, *options: str) -> Git:
    folder.mkdir()
    git = Git(folder)
    git("init", "--quiet", *options)
    return git


def written(folder: Path) -> str:
    return Repository(folder).write("", FILES, "first", NOW, AUTHOR, None)


def there(git: Git) -> list[Path]:
    objects = Path(git("rev-parse", "--path-format=absolute", "--git-path", "objects"))
    return [path for path in objects.glob("??/*") if path.is_file()]


@pytest.mark.parametrize("option", ["--bare", "--object-format=sha256"])
def test_git_finds_them_and_finds_no_fault_and_it_takes_no_process(
    tmp_path: Path, option: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = made(tmp_path / "here", option)
    seen = count_costs(monkeypatch)
    commit = written(tmp_path / "here")
    assert seen["processes"] == int("sha256" in option), "which of the two formats is asked"
    git("update-ref", "refs/heads/main", commit)
    assert git("show", f"{commit}:a/b.json") == "1"
    assert len(git("show", f"{commit}:c.json")) == 100_000
    assert git("fsck", "--strict", "--unreachable") == ""
    assert len(there(git)) == 5


def test_they_have_the_rights_of_their_neighbours(tmp_path: Path) -> None:
    git = made(tmp_path / "here", "--bare", "--shared=group")
    written(tmp_path / "here")
    for path in there(git):
        assert stat.S_IMODE(path.stat().st_mode) == 0o444
        assert path.parent.stat().st_mode == (tmp_path / "here" / "objects").stat().st_mode


def test_what_is_stored_twice_is_there_once_and_as_new(tmp_path: Path) -> None:
    git = made(tmp_path / "here", "--bare")
    commit = written(tmp_path / "here")
    for path in there(git):
        os.utime(path, (0, 0))
    assert written(tmp_path / "here") == commit
    assert all(path.stat().st_mtime > 0 for path in there(git)), "git removes what is old and not used yet"
    assert len(there(git)) == 5


def test_another_work_tree_and_the_users_own_folder_of_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = made(tmp_path / "here")
    git("update-ref", "refs/heads/main", written(tmp_path / "here"))
    git("worktree", "add", "--quiet", "--detach", str(tmp_path / "other"), "main")
    other = Repository(tmp_path / "other")
    assert other.git("cat-file", "-t", other.tree_with("", {"d": b"3"})) == "tree"
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "mine"))
    Repository(tmp_path / "here").tree_with("", {"e": b"4"})
    assert len(list((tmp_path / "mine").glob("??/*"))) == 2


def test_a_folder_that_takes_none_is_one_sentence_and_nothing_is_left(tmp_path: Path) -> None:
    git = made(tmp_path / "here", "--bare")
    place = tmp_path / "here" / "objects" / git("hash-object", "--stdin", stdin=b"1")[:2]
    place.write_bytes(b"")
    with pytest.raises(Unavailable, match="objects takes no new object: Not a directory"):
        written(tmp_path / "here")
    assert there(git) == []


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a disk that gets full while a file is written."""
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_on_a_full_disk_nothing_half_written_is_left_and_it_can_be_tried_again(tmp_path: Path) -> None:
    git, large = made(tmp_path / "here", "--bare"), {"d": random.Random(1).randbytes(50_000)}
    repository = Repository(tmp_path / "here")
    with no_file_longer_than(10_000), pytest.raises(Unavailable, match="objects takes no new object: File too large"):
        repository.tree_with("", large)
    assert [*Path(git("rev-parse", "--absolute-git-dir")).glob("objects/??/*")] == []
    assert repository.file(repository.tree_with("", large), "d")


def test_git_removes_what_a_killed_process_leaves(tmp_path: Path) -> None:
    git = made(tmp_path / "here", "--bare")
    git("update-ref", "refs/heads/main", written(tmp_path / "here"))
    left = there(git)[0].with_name("tmp_obj_left")
    left.write_bytes(b"half")
    git("prune", "--expire=now")
    assert not left.exists()
    assert len(there(git)) == 5
