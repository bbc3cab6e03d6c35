"""A folder's files as they lie there: what a commit would say if it were made now."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from liftgate.errors import Refused
from liftgate.integrations.git.repository import File, Repository
from liftgate.integrations.git.trees import not_plain

NOW = "the work tree"
"""Stands where a commit's id stands."""


class WorkTree(Repository):
    """Reads from the disk, whatever commit is asked for; it need not be a Git repository at all."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._folder = folder

    def check_plain_file(self, commit: str, path: str) -> None:  # noqa: ARG002  there is only one state
        part = path.strip("/")
        while part:
            if os.path.islink(f"{self._folder}/{part}"):  # noqa: PTH114  much faster than pathlib
                raise Refused(not_plain(path, part, "a symbolic link"))
            part = part.rpartition("/")[0]

    def file(self, commit: str, path: str) -> File | None:
        self.check_plain_file(commit, path)
        where = f"{self._folder}/{path}"
        if not os.path.isfile(where):  # noqa: PTH113  as above
            return None
        with open(where, "rb") as file:  # noqa: PTH123
            data = file.read()
        return File(path=path, data=data, blob=_blob(data))

    def object_id(self, commit: str, path: str) -> str:  # noqa: ARG002  there is only one state
        """Git's id of the file; for a folder any text that is not empty."""
        where = self._folder / path
        if where.is_symlink() or not where.is_file():
            return NOW if where.is_symlink() or where.is_dir() else ""
        return _blob(where.read_bytes())

    def paths(self, commit: str, under: str) -> list[tuple[str, str]]:
        found = sorted(path for path in (self._folder / under).rglob("*") if path.is_file())
        names = (path.relative_to(self._folder).as_posix() for path in found)
        return [(name, self.object_id(commit, name)) for name in names]


def _blob(data: bytes) -> str:
    """Git's id of a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
