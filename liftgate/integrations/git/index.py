"""What was computed from Git objects, kept beside them in an SQLite file that may be deleted at any time.

A fact's key names everything that it was computed from: ids of Git objects, and keys. So no fact is ever out of date,
and a missing one is computed again. Each fact has a checksum: a damaged one is a missing one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Final

from liftgate.integrations.git.git_directory import git_directory

FORMAT: Final = 3
"""Raise it when the same key would get another fact: an index of another format is made again."""
LARGEST: Final = 256 * 1024 * 1024
"""Bytes. A larger index is removed; what is needed of it is computed again."""
_NAME: Final = "liftgate-index.sqlite"
_WITHIN: Final = 1.0
"""Seconds to wait for other processes; afterwards it is as if nothing were known."""
_AT_ONCE: Final = 500
_OUR_TROUBLE: Final = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_READONLY),
        *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR),
        *(sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_AUTH),
    }
)
"""Primary result codes that say nothing about the file's content."""
_TABLE: Final = "CREATE TABLE fact (kind BLOB, key BLOB, data BLOB, seal BLOB, PRIMARY KEY (kind, key))"
"""Without STRICT, which SQLite before 3.37 takes for damage: Python has the system's SQLite, which may be older."""


class Index:
    """For many processes and threads: each call opens the file, so nothing is shared, also not after a fork.

    No call raises: a file that cannot be used is as good as empty, and a damaged one is removed.
    """

    def __init__(self, directory: Path) -> None:
        """The file is in the git directory, of a clone in its `.git`: so both are removed and replaced together.

        Another directory, also one that `git worktree add` made, has no index: there, a file could be a committed one.
        """
        self._directory = directory

    @property
    def _path(self) -> Path | None:
        place = git_directory(self._directory)
        return place / _NAME if place else None

    @property
    def is_possible(self) -> bool:
        """Whether facts can be kept here."""
        path = self._path
        return path is not None and (path.parent / "objects").is_dir() and os.access(path.parent, os.W_OK)

    def known(self, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
        """Those of the facts that are there."""
        found: dict[str, bytes] = {}

        def read(database: sqlite3.Connection) -> None:
            for begin in range(0, len(keys), _AT_ONCE):
                some = [key.encode() for key in keys[begin : begin + _AT_ONCE]]
                places = ", ".join("?" * len(some))
                query = f"SELECT key, data, seal FROM fact WHERE kind = ? AND key IN ({places})"  # noqa: S608
                for key, data, seal in database.execute(query, (kind.encode(), *some)):
                    # damage can turn bytes into another type
                    if isinstance(data, bytes) and seal == _seal(kind, key, data):
                        found[key.decode()] = data

        if keys and (path := self._path) and path.exists():
            _use(path, read)
        return found

    def keep(self, kind: str, facts: Mapping[str, bytes], newest: int = 0) -> None:
        """Those of one call are kept together or not at all. With `newest`, only so many of the kind stay."""
        rows = [(kind.encode(), key.encode(), data, _seal(kind, key.encode(), data)) for key, data in facts.items()]

        def write(database: sqlite3.Connection) -> None:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?)", rows)
            if newest:
                old = "SELECT rowid FROM fact WHERE kind = ? ORDER BY rowid DESC LIMIT -1 OFFSET ?"
                database.execute(f"DELETE FROM fact WHERE rowid IN ({old})", (kind.encode(), newest))  # noqa: S608
            database.execute("COMMIT")

        if rows and self.is_possible and (path := self._path):
            _remove_large(path)
            _use(path, write)


def _use(path: Path, work: Callable[[sqlite3.Connection], None]) -> None:
    try:
        with closing(sqlite3.connect(path, timeout=_WITHIN, isolation_level=None)) as database:
            # what a power failure damages is found by the checksums
            database.execute("PRAGMA synchronous = OFF")
            database.execute("PRAGMA cell_size_check = ON")
            if not _is_ready(database):
                _prepare(database)
            work(database)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if code & 0xFF not in _OUR_TROUBLE or code == sqlite3.SQLITE_IOERR_SHORT_READ:
            _remove(path)


def _remove_large(path: Path) -> None:
    with suppress(OSError):
        if path.stat().st_size > LARGEST:
            _remove(path)


def _remove(path: Path) -> None:
    for end in ("-wal", "-shm", ""):
        with suppress(OSError):
            path.with_name(_NAME + end).unlink(missing_ok=True)


def _is_ready(database: sqlite3.Connection) -> bool:
    return bool(database.execute("PRAGMA user_version").fetchone() == (FORMAT,))


def _prepare(database: sqlite3.Connection) -> None:
    """What another format left is removed; what another process prepared meanwhile stays."""
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("BEGIN IMMEDIATE")
    if _is_ready(database):
        database.execute("COMMIT")
        return
    database.execute("DROP TABLE IF EXISTS fact")
    database.execute(_TABLE)
    database.execute(f"PRAGMA user_version = {FORMAT}")
    database.execute("COMMIT")


def _seal(kind: str, key: bytes, data: bytes) -> bytes:
    return blake2b(b"%s\0%s\0%s" % (kind.encode(), key, data), digest_size=16).digest()
