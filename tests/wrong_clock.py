"""Programs whose clock is wrong, by Debian's libfaketime."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

import pytest

PACKAGE: Final = "libfaketime"
RIGHT: Final = "+0"
_LIBRARY: Final = "LD_PRELOAD"
_PASS_ON: Final = "LIFTGATE_WORKER__PASS_ON"


@cache
def library() -> Path | None:
    """None where it is not installed."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def wrong_by(seconds: int) -> dict[str, str]:
    """The variables of programs whose clock is ahead, or behind if the number is negative; skips the test where there
    is no library."""
    if library() is None:
        pytest.skip(f"there is no {PACKAGE} here: install Debian's package {PACKAGE}")
    return _variables({"FAKETIME": f"{seconds:+d}"})


def wrong_as(file: Path) -> dict[str, str]:
    """The same by what the file says at each moment, such as `-120`; none where there is no library."""
    return _variables({"FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1"}) if library() else {}


def _variables(how: dict[str, str]) -> dict[str, str]:
    """Clocks that only measure durations stay right, as on a machine whose time is wrong."""
    found = how | {_LIBRARY: str(library()), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DISABLE_SHM": "1"}
    return found | {_PASS_ON: json.dumps(list(found))}
