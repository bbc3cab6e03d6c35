"""What git says of commits by their SHAs never changes, so in one process it is asked once for each directory."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Final

from liftgate.integrations.git.process import Git, Result

_KEPT: Final = 8192
_SMALL: Final = 4096
"""Bytes of an answer that is kept."""
_answers: dict[tuple[Path, tuple[str, ...]], Result] = {}
_lock = Lock()


def kept_answer(git: Git, *arguments: str) -> Result:
    """The arguments name commits by full SHAs only. Status 1 is an answer (no); a failure is asked again."""
    if found := known_answer(git, *arguments):
        return found
    result = git.run(*arguments)
    if result.status in (0, 1) and len(result.out) <= _SMALL:
        keep_answer(git, result, *arguments)
    return result


def known_answer(git: Git, *arguments: str) -> Result | None:
    """None where git would have to be asked."""
    return _answers.get((git.directory, arguments))


def keep_answer(git: Git, result: Result, *arguments: str) -> None:
    """What git would say, found in another way."""
    with _lock:
        if len(_answers) >= _KEPT:
            del _answers[next(iter(_answers))]
        _answers[git.directory, arguments] = result


def forget_answers() -> None:
    """As in a process that has just begun."""
    with _lock:
        _answers.clear()
