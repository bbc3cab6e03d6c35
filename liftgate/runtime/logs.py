"""The log files of the programs that `up` starts have an end: a full one becomes the old one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

LARGEST: Final = 20 * 2**20
"""Bytes of a program's log, and of the part before it, which is kept beside it."""


def bound(log: Path) -> None:
    """The programs append to the file, so they go on at its new end. Lines of the moment in between can be lost."""
    if log.exists() and log.stat().st_size > LARGEST:
        before = log.with_suffix(".log.1")
        try:
            shutil.copyfile(log, before)
        except OSError:  # such as a full disk, where the room counts for more
            before.unlink(missing_ok=True)
        os.truncate(log, 0)
