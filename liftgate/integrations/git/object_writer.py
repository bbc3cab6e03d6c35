"""Writes objects of git: many by one process."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from liftgate.integrations.git.process import Git


def write_objects(git: Git, kind: Literal["blob", "tree"], contents: Iterable[bytes]) -> list[str]:
    """Their ids, in the order given. Raises Unavailable."""
    with tempfile.TemporaryDirectory() as folder:
        paths = list[Path]()
        for number, data in enumerate(contents):
            paths.append(Path(folder) / str(number))
            paths[-1].write_bytes(data)
        asked = "".join(f"{path}\n" for path in paths).encode()
        listed = git("hash-object", "-t", kind, "-w", "--no-filters", "--stdin-paths", stdin=asked) if paths else ""
    return listed.split()
