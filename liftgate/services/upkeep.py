"""What grows on a machine has an end: the mirror is packed, and what is not used any more is removed."""

from __future__ import annotations

import logging
import shutil
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from liftgate.errors import LiftgateError
from liftgate.integrations.git import tidy
from liftgate.services.liveness import ALIVE
from liftgate.services.ports import HasBranch, HasRuns
from liftgate.services.restarts import FLOWS

log = logging.getLogger(__name__)
EVERY: Final = 600.0
"""Seconds between two looks."""
LEFT: Final = ("tmp?*", "liftgate-*")
"""Temporary files and folders that a killed process did not remove."""
MADE: Final = "tmp" + 8 * "[a-z0-9_]"
"""How Python's tempfile names a file."""
OLD: Final = 86400.0
"""Seconds after which no process uses them any more."""


class Ports(HasBranch, HasRuns, Protocol):
    """What this use case needs."""


class Upkeep:
    """Of the machine that the Liftgate server runs on."""

    def __init__(self, at: Ports) -> None:
        self._at = at

    def run(self, stop: Event) -> None:
        """Run until `stop` is set; log every error, and try again."""
        while not stop.wait(EVERY):
            try:
                self.once()
            except Exception:
                log.exception("the mirror could not be tidied")

    def once(self) -> None:
        tidy_mirror(self._at.git.directory, is_busy=self._is_busy())

    def _is_busy(self) -> bool:
        """Whether a run may need the mirror now."""
        try:
            return bool(self._at.runs.find(flows=FLOWS, states=ALIVE, limit=1).runs)
        except LiftgateError:
            return True


def tidy_mirror(directory: Path, *, is_busy: bool) -> None:
    if tidy.tidy(directory, is_busy=is_busy):
        log.info("all objects of the mirror became one pack")
    tidy.remove_unused(directory)


def remove_left(folder: Path, *, is_ours: bool = True) -> None:
    """In a folder that people chose, only files with a name that Python makes: theirs may begin with `liftgate-`."""
    for pattern in LEFT if is_ours else (MADE,):
        for path in folder.glob(pattern):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime < OLD or not (is_ours or path.is_file()):
                    continue
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
