"""The flows' parameter schemas as Prefect generates them, kept in a file: generating them takes seconds of imports."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from liftgate.domain.common.value import Json

FILE = "parameters.json"


def schemas() -> dict[str, Json]:
    """The schemas by flow."""
    found: dict[str, Json] = json.loads(files("liftgate.schemas").joinpath(FILE).read_text())
    return found


def write(found: dict[str, Json]) -> None:
    """Update the file; the test that compares it with Prefect's schemas calls this."""
    path = Path(str(files("liftgate.schemas").joinpath(FILE)))
    path.write_text(json.dumps(found, indent=2) + "\n")
