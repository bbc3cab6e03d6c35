"""The JSON Schemas that ship with Liftgate, as package data."""

from __future__ import annotations

from importlib.resources import files


def editor_schema() -> str:
    """The JSON Schema of `liftgate.json`."""
    return files(__name__).joinpath("liftgate.schema.json").read_text()
