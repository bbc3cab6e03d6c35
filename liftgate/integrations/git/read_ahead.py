"""Files that will be read one after the other, asked of git at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from liftgate.integrations.git.repository import Repository


def read_ahead(repository: Repository, commit: str, paths: Sequence[str]) -> None:
    """The folders on the way are read too: `Repository.file` looks into each for links."""
    folders = {str(folder).removeprefix("."): None for path in paths for folder in PurePosixPath(path).parents}
    if paths:
        repository.ask_ahead([f"{commit}:{name}" for name in (*folders, *paths)])
