"""Programs whose clock is wrong, by Debian's libfaketime."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

RIGHT: Final = "+0"


@cache
def library() -> Path | None:
    """None where Debian's package libfaketime is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def wrong_as(file: Path) -> dict[str, str]:
    """The variables of a program whose clock is ahead by what the file says at each moment, such as `-120` seconds;
    none where there is no library.

    Clocks that only measure durations stay right, as on a machine whose time is wrong.
    """
    if library() is None:
        return {}
    found = {
        "LD_PRELOAD": str(library()),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",
    }
    return found | {"LIFTGATE_WORKER__PASS_ON": json.dumps(list(found))}
