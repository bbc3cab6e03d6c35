"""Programs started as a script starts one with `&`: its shell, which has no job control, lets them ignore SIGINT."""

from __future__ import annotations

from collections.abc import Sequence


def in_background(command: Sequence[str]) -> list[str]:
    """The command line that becomes the program, with SIGINT ignored."""
    return ["sh", "-c", 'trap "" INT; exec "$@"', "sh", *command]
