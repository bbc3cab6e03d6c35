"""What git says of commits by their SHAs never changes, so in one process it is asked once for each directory."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from liftgate.integrations.git.process import Git, Result

_KEPT: Final = 4096
_SMALL: Final = 4096
"""Bytes of an answer that is kept."""


@dataclass(frozen=True)
class _Question:
    directory: Path
    arguments: tuple[str, ...]
    git: Git = field(compare=False)


class _NotKept(Exception):
    def __init__(self, result: Result) -> None:
        super().__init__(result.status)
        self.result = result


def kept_answer(git: Git, *arguments: str) -> Result:
    """The arguments name commits by full SHAs only. Status 1 is an answer (no); a failure is asked again."""
    try:
        return _answer(_Question(git.directory, arguments, git))
    except _NotKept as given:
        return given.result


@lru_cache(maxsize=_KEPT)
def _answer(question: _Question) -> Result:
    result = question.git.run(*question.arguments)
    if result.status not in (0, 1) or len(result.out) > _SMALL:
        raise _NotKept(result)
    return result
