"""The index of what was computed from Git objects: its facts are right or absent, also if its file is damaged."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from liftgate.integrations.git import index
from liftgate.integrations.git.index import Index
from liftgate.integrations.git.process import Git

FACTS = {f"{number:040x}": b"fact %d" % number * 40 for number in range(2000)}
NAME = "liftgate-index.sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Git(tmp_path)("init", "-q", "--bare")
    return tmp_path


def test_what_was_kept_is_known_also_to_another_process(folder: Path) -> None:
    Index(folder).keep("kind", FACTS)
    with ProcessPoolExecutor(1) as pool:
        assert pool.submit(Index(folder).known, "kind", [*FACTS, "new"]).result() == FACTS
    assert Index(folder).known("other kind", [*FACTS]) == {}


def test_only_the_newest_stay_where_there_is_a_limit(folder: Path) -> None:
    for number in range(5):
        Index(folder).keep("kind", {f"key {number}": b""}, newest=2)
    assert [*Index(folder).known("kind", [f"key {number}" for number in range(5)])] == ["key 3", "key 4"]


def test_an_older_sqlite_can_read_the_table(folder: Path) -> None:
    """Options after the columns came with 3.8.2 (WITHOUT ROWID) and 3.37 (STRICT)."""
    Index(folder).keep("kind", FACTS)
    with sqlite3.connect(folder / NAME) as database:
        (made,) = database.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchone()
    assert made.endswith(")")


def test_a_folder_that_is_no_repository_gets_no_file(tmp_path: Path) -> None:
    Index(tmp_path).keep("kind", FACTS)
    assert Index(tmp_path).known("kind", [*FACTS]) == {}
    assert [*tmp_path.iterdir()] == []


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def _no_database(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def _of_another_format(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {index.FORMAT + 1}")


def _with_another_table(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE other (word)")
        database.execute(f"PRAGMA user_version = {index.FORMAT}")


def _with_text(path: Path) -> None:
    """As one bit of a row's head says it."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE damaged AS SELECT kind, key, CAST(data AS TEXT) AS data, seal FROM fact")
        database.execute("DROP TABLE fact")
        database.execute("ALTER TABLE damaged RENAME TO fact")


@pytest.mark.parametrize(
    "damage", [Path.unlink, _emptied, _cut, _no_database, _of_another_format, _with_another_table, _with_text]
)
def test_a_file_that_is_lost_or_damaged_is_made_again(folder: Path, damage: Callable[[Path], None]) -> None:
    Index(folder).keep("kind", FACTS)
    damage(folder / NAME)
    assert Index(folder).known("kind", [*FACTS]).items() <= FACTS.items()
    Index(folder).keep("kind", FACTS)
    Index(folder).keep("kind", FACTS)
    assert Index(folder).known("kind", [*FACTS]) == FACTS


@pytest.mark.parametrize("seed", range(20))
def test_garbage_in_the_file_gives_no_wrong_fact(folder: Path, seed: int) -> None:
    chance, path = random.Random(seed), folder / NAME
    Index(folder).keep("kind", FACTS)
    data = bytearray(path.read_bytes())
    for _ in range(10):
        at = chance.randrange(100, len(data) - 64)
        data[at : at + 64] = chance.randbytes(64)
    path.write_bytes(data)
    assert Index(folder).known("kind", [*FACTS]).items() <= FACTS.items()


def test_one_that_another_process_writes_stops_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_WITHIN", 0.01)
    Index(folder).keep("kind", {"known": b"before"})
    with sqlite3.connect(folder / NAME, isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        Index(folder).keep("kind", {"new": b"lost"})
        assert Index(folder).known("kind", ["known", "new"]) == {"known": b"before"}
        other.execute("ROLLBACK")
    Index(folder).keep("kind", {"new": b"kept"})
    assert Index(folder).known("kind", ["known", "new"]) == {"known": b"before", "new": b"kept"}


def test_a_file_that_is_too_large_begins_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Index(folder).keep("kind", FACTS)
    monkeypatch.setattr(index, "LARGEST", 10_000)
    Index(folder).keep("kind", {"new": b"kept"})
    assert Index(folder).known("kind", [*FACTS, "new"]) == {"new": b"kept"}


def _keep_some(folder: Path, number: int) -> None:
    """On a busy machine another process may have the file for long."""
    index._WITHIN = 60.0  # type: ignore[misc]
    for part in range(20):
        Index(folder).keep("kind", {f"{number} {part}": b"kept"})


def test_several_processes_use_it_at_once(folder: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(_keep_some, [folder] * 4, range(4)))
    keys = [f"{number} {part}" for number in range(4) for part in range(20)]
    assert len(Index(folder).known("kind", keys)) == len(keys)
