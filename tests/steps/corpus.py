"""Texts that are secrets and texts that are none, each as the values file it stands in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from liftgate.domain.common.value import Json
from liftgate.domain.json_text.pointer import split

CASES = Path(__file__).parent.parent / "cases" / "secrets"


def planted() -> list[tuple[str, Json]]:
    """Pointer and secret; kept in parts, so that no scanner of this repository takes them for real ones."""
    rows: list[dict[str, Any]] = json.loads((CASES / "planted.json").read_text())
    return [(row["pointer"], row["parts"][0] if len(row["parts"]) == 1 else "".join(row["parts"])) for row in rows]


def benign() -> list[tuple[str, Json]]:
    rows: list[dict[str, Any]] = json.loads((CASES / "benign.json").read_text())
    return [(row["pointer"], row["value"]) for row in rows]


def values_with(pointer: str, value: Json) -> bytes:
    """A values file with that value in it; below a 0 stands an element of an array, named if it is a `value`."""
    for token in reversed(split(pointer)):
        if token == "value":
            value = {"name": "API_TOKEN", "value": value}
        else:
            value = [value] if token == "0" else {token: value}
    return json.dumps(value, indent=2).encode()
