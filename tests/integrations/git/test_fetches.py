"""Several processes that want the mirror up to date at the same time share a fetch, and none gets an older state."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from liftgate.errors import Unavailable
from liftgate.integrations.git.fetches import Fetches
from liftgate.integrations.git.lock import Lock
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.git.process import Result
from tests.integrations.conftest import Hosted

MANY = 10


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for each fetch from the remote."""
    found: list[str] = []
    usual = Mirror._fetched

    def counted(self: Mirror, directory: Path, lock: Lock) -> Result:
        found.append(directory.name)
        return usual(self, directory, lock)

    monkeypatch.setattr(Mirror, "_fetched", counted)
    return found


@contextmanager
def locked(mirror: Mirror) -> Iterator[None]:
    with Lock(mirror.directory.with_suffix(".lock")):
        yield


def test_ten_that_wait_at_the_same_time_need_one_fetch(hosted: Hosted, fetched: list[str]) -> None:
    first = hosted.mirror("shared")
    first.fetch()
    fetched.clear()
    with ThreadPoolExecutor(MANY) as pool:
        with locked(first):
            new = hosted.commit({"README.md": b"new"})
            asked = [waiting(pool, hosted.mirror("shared")) for _ in range(MANY)]
        assert [each.result() for each in asked] == [new] * MANY
    assert len(fetched) == 1


def waiting(pool: ThreadPoolExecutor, mirror: Mirror) -> Future[str]:
    """A fetch that was asked for before this returns, and that waits for the lock."""
    has_asked, usual = Event(), mirror._fetches.begun

    def begun() -> int:
        number = usual()
        has_asked.set()
        return number

    mirror._fetches.begun = begun  # type: ignore[method-assign]
    found = pool.submit(mirror.fetch)
    assert has_asked.wait(30)
    return found


def test_a_fetch_that_began_before_one_asked_does_not_count(hosted: Hosted, fetched: list[str]) -> None:
    """What was pushed while it ran may not be in it."""
    mirror = hosted.mirror("shared")
    mirror.fetch()
    for number in range(2):
        new = hosted.commit({"README.md": f"{number}".encode()})
        assert mirror.fetch() == new
    assert len(fetched) == 3


def test_one_that_failed_serves_no_other(tmp_path: Path) -> None:
    mine, other = Fetches(tmp_path, "main"), Fetches(tmp_path, "main")
    begun = mine.begun()
    with pytest.raises(Unavailable), other.one():
        raise Unavailable("the remote is away")
    assert not mine.has_ended_since(begun)
    with other.one():
        assert not mine.has_ended_since(begun), "it has begun only"
        late = mine.begun()
    assert mine.has_ended_since(begun)
    assert not mine.has_ended_since(late)


def test_one_of_another_branch_serves_no_other(tmp_path: Path) -> None:
    mine = Fetches(tmp_path, "main")
    with Fetches(tmp_path, "trunk").one():
        pass
    assert not mine.has_ended_since(mine.begun())


@pytest.mark.parametrize("left", [None, b"", b"x", b"7", b"\xff\xfe", b"9 9 9"])
def test_a_file_that_was_lost_while_a_fetch_ran_says_that_none_has_ended(tmp_path: Path, left: bytes | None) -> None:
    mine, other = Fetches(tmp_path, "main"), Fetches(tmp_path, "main")
    with other.one():
        (file,) = tmp_path.iterdir()
        file.unlink() if left is None else file.write_bytes(left)
        begun = mine.begun()
    assert not mine.has_ended_since(begun)
    with other.one():
        pass
    assert mine.has_ended_since(begun)


def test_a_mirror_that_was_removed_is_fetched_again(hosted: Hosted, fetched: list[str]) -> None:
    mirror = hosted.mirror("shared")
    mirror.fetch()
    shutil.rmtree(mirror.directory)
    assert mirror.fetch()
    assert len(fetched) == 2


def test_where_the_file_cannot_be_written_each_one_fetches(tmp_path: Path) -> None:
    nowhere = Fetches(tmp_path / "nothing", "main")
    with nowhere.one():
        pass
    assert not nowhere.has_ended_since(0)


def test_where_the_file_cannot_be_read_for_a_moment_no_older_fetch_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with too many open files: what ended before one asked says nothing of what was pushed since."""
    mine = Fetches(tmp_path, "main")
    with mine.one():
        pass

    def read(*_: object, **__: object) -> str:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", read)
        begun = mine.begun()
    assert not mine.has_ended_since(begun)
