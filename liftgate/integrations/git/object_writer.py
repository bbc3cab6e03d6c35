"""New objects, stored as files as git itself does it (gitrepository-layout(5)), without a process of git."""

from __future__ import annotations

import errno
import os
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Final

from liftgate.errors import Unavailable
from liftgate.integrations.git.object_reader import Object
from liftgate.integrations.git.process import Git
from liftgate.integrations.git.tree_writer import Format, changed_tree, with_head
from liftgate.integrations.git.trees import Read

_MODE: Final = 0o444
_TRIES: Final = 3
"""Git removes a folder of objects that is empty, also between our making it and our writing into it."""


class ObjectWriter:
    """Each object is written also where it is there: so git takes it for a new one, and `git gc` leaves it."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def tree(self, read: Read, root: Object | None, files: Mapping[str, bytes | None]) -> str:
        """The id of the root with the files set (None: removed). Raises Refused for a path that no commit can have,
        Unavailable."""
        tree, new = changed_tree(read, root, files, self._place[1])
        self._store(new)
        return tree

    def commit(self, data: bytes) -> str:
        """Its SHA. Raises Unavailable."""
        new = self._place[1].new("commit", data)
        self._store([new])
        return new.id

    @cached_property
    def _place(self) -> tuple[Path, Format]:
        """Where the objects are, and how their ids are made."""
        asked = ("--path-format=absolute", "--git-path", "objects", "--show-object-format")
        folder, _, kind = self._git("rev-parse", *asked).rpartition("\n")
        return Path(folder), Format(kind)

    def _store(self, objects: Iterable[Object]) -> None:
        folder, _ = self._place
        try:
            for each in objects:
                _write(folder / each.id[:2] / each.id[2:], each)
        except OSError as error:
            raise Unavailable(f"git's objects could not be stored in {folder}: {error.strerror}") from None


def _write(path: Path, of: Object) -> None:
    """Whole or not at all; what a killed process leaves has a name that git removes."""
    made = _new_file(path.parent)
    try:
        made.write_bytes(zlib.compress(with_head(of.kind, of.data), 1))
        made.chmod(_MODE)
        made.replace(path)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _new_file(folder: Path) -> Path:
    for _ in range(_TRIES):
        folder.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            number, name = tempfile.mkstemp(prefix="tmp_obj_", dir=folder)
            os.close(number)
            return Path(name)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
