"""What runs in the pods of the sandbox: a program with versions that reads its settings from JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_NEEDS_DATABASE = (1, 5, 0)
_DATABASE = "/application/environment/configs/database/url"


def run(files: Mapping[str, str]) -> tuple[str, list[str]]:
    """Start with the mounted files: what is wrong ("" is healthy), and the log lines of the start.

    From version 1.5.0 on the program keeps its data in a database, so it needs the database's URL.
    """
    try:
        version, problem = _start(files)
    except ValueError as error:
        version, problem = "unknown", f"settings cannot be read: {error}"
    lines = [f"INFO starting version {version}"]
    lines.append(f"ERROR {problem}" if problem else f"INFO ready, version {version}")
    return problem, lines


def settings(files: Mapping[str, str]) -> Any:
    """The settings in the mounted files, None when there are none; ValueError when they are no JSON."""
    text = settings_text(files)
    return None if text is None else json.loads(text)


def settings_text(files: Mapping[str, str]) -> str | None:
    """The text of the first JSON file."""
    return next((text for name, text in sorted(files.items()) if name.endswith(".json")), None)


def version_of(values: Any) -> str:
    """`/application/version`, "unknown" without one."""
    found = at(values, "/application/version")
    return found if isinstance(found, str) else "unknown"


def at(values: Any, pointer: str) -> Any:
    """The value at a JSON pointer, None when there is none."""
    for part in pointer.split("/")[1:]:
        values = values.get(part) if isinstance(values, dict) else None
    return values


def _start(files: Mapping[str, str]) -> tuple[str, str]:
    values = settings(files)
    if values is None:
        return "unknown", ""
    version = version_of(values)
    numbers = tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:3])
    if numbers >= _NEEDS_DATABASE and not at(values, _DATABASE):
        return version, f"database unreachable: no setting {_DATABASE}"
    return version, ""
