"""Objects that are stored without a process of git are those that git itself would have stored."""

from __future__ import annotations

import os
import random
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.repository import Repository
from tests.examples import NOW, WORKER
from tests.integrations.conftest import AUTHOR
from tests.integrations.git.test_trees import bare

FILES = {"a/b": b"1", "a/c/d": b"", "z": os.urandom(70_000)}


def objects_of(repository: Repository) -> list[Path]:
    return [path for path in (repository.git.directory / "objects").glob("??/*") if path.is_file()]


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As on a disk that gets full while it is written."""
    before, ignored = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("ids", ["sha1", "sha256"])
def test_git_finds_no_fault_in_them(tmp_path: Path, ids: str) -> None:
    repository = bare(tmp_path / "a.git", f"--object-format={ids}")
    first = repository.write("", FILES, "First\n", NOW, AUTHOR, None)
    second = repository.write(first, {"a/c/d": None, "ä": b"2"}, "Second\n", NOW, AUTHOR, WORKER)
    repository.git("update-ref", "refs/heads/main", second)
    checked = repository.git.run("fsck", "--strict", "--full", "--unreachable")
    assert (checked.status, checked.out) == (0, b"")
    assert repository.git("cat-file", "-p", f"{second}:z") == FILES["z"].decode(errors="surrogateescape")
    assert {path.stat().st_mode & 0o777 for path in objects_of(repository)} == {0o444}


def test_on_a_full_disk_nothing_half_written_is_left(tmp_path: Path) -> None:
    repository = bare(tmp_path / "a.git")
    tree = repository.tree_with("", {"a": b"1"})
    before = objects_of(repository)
    large = random.Random(1).randbytes(50_000)
    with no_file_longer_than(10_000), pytest.raises(Unavailable, match=r"could not be stored in .*: File too large"):
        repository.tree_with(tree, {"b": large})
    assert objects_of(repository) == before
    assert repository.file(repository.tree_with(tree, {"b": large}), "b")


def test_without_the_folder_nothing_is_stored(tmp_path: Path) -> None:
    repository = bare(tmp_path / "a.git")
    repository.tree_with("", {"a": b"1"})
    (tmp_path / "a.git/objects").rename(tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="No such file or directory"):
        repository.tree_with("", {"a": b"2"})


def test_what_is_written_again_is_new_for_gits_garbage_collection(tmp_path: Path) -> None:
    repository = bare(tmp_path / "a.git")
    repository.tree_with("", {"a": b"1"})
    for path in objects_of(repository):
        os.utime(path, (0, 0))
    tree = repository.tree_with("", {"a": b"1"})
    repository.git("prune", "--expire=1.day.ago")
    assert repository.file(tree, "a")


def test_work_trees_share_their_objects(tmp_path: Path) -> None:
    one = bare(tmp_path / "a.git")
    one.git("update-ref", "refs/heads/main", one.write("", {"a": b"1"}, "First\n", NOW, AUTHOR, None))
    one.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "main")
    other = Repository(tmp_path / "linked")
    sha = other.write(other.resolve("HEAD"), {"b": b"2"}, "Second\n", NOW, AUTHOR, None)
    assert Git(tmp_path / "a.git")("cat-file", "-t", sha) == "commit"
