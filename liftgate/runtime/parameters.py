"""The flows' parameter schemas as Prefect makes them, kept as a file: making them costs seconds of imports."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from liftgate.domain.value import Json

FILE = "parameters.json"


def schemas() -> dict[str, Json]:
    """By flow."""
    found: dict[str, Json] = json.loads(files("liftgate.schemas").joinpath(FILE).read_text())
    return found


def write(found: dict[str, Json]) -> None:
    """Used by the test that compares them with Prefect's, to bring them up to date."""
    path = Path(str(files("liftgate.schemas").joinpath(FILE)))
    path.write_text(json.dumps(found, indent=2) + "\n")
