"""`python -m worker.upkeep [--busy]`: what grows on the worker's machine is bounded; a short program of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from liftgate import settings
from liftgate.errors import LiftgateError
from liftgate.integrations.git.mirror import Mirror
from liftgate.services.upkeep import remove_left, tidy_mirror
from worker.tidying import BUSY


def main(arguments: list[str]) -> None:
    """It needs no key and no network."""
    configured = settings.load()
    if own := own_temporary(os.environ.get("TMPDIR", ""), os.environ.get("PREFECT_HOME", "")):
        remove_left(own)
    remove_left(configured.state.expanduser(), is_ours=False)
    if url := configured.repository.url:
        mirror = Mirror(configured.state, url, configured.repository.branch)
        tidy_mirror(mirror.directory, is_busy=BUSY in arguments)


def own_temporary(temporary: str, prefect: str) -> Path | None:
    """The folder for temporary files, if it is the worker's own and not the machine's."""
    is_own = bool(temporary and prefect) and Path(temporary).parent == Path(prefect).parent
    return Path(temporary) if is_own else None


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except LiftgateError as error:
        sys.exit(str(error))
