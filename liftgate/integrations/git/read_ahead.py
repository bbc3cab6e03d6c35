"""Files that will be read one after the other, asked of git at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Final

from liftgate.errors import LiftgateError
from liftgate.integrations.git.repository import Repository

AT_ONCE: Final = 100
"""Applications whose files are asked for at once."""


def read_ahead(
    repository: Repository, commit: str, applications: Iterable[str], paths_of: Callable[[str], Iterable[str]]
) -> Iterator[str]:
    """The applications, some at a time, after git was asked for their files; those that cannot be told are left."""
    names = [*applications]
    for begin in range(0, len(names), AT_ONCE):
        some, paths = names[begin : begin + AT_ONCE], list[str]()
        for name in some:
            with suppress(LiftgateError):
                paths += paths_of(name)
        # the folders on the way too: `Repository.file` looks into each for links
        folders = {str(folder).removeprefix("."): None for path in paths for folder in PurePosixPath(path).parents}
        repository.ask_ahead([f"{commit}:{name}" for name in (*folders, *paths)] if paths else [])
        yield from some
