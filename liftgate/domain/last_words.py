"""The useful end of what a program said of its failure, as people may see it."""

from __future__ import annotations

import re
from typing import Final

from liftgate.domain.masking import masked

SAID: Final = 400
"""Characters that are shown."""
_READ: Final = 20_000
_ENDED: Final = re.compile(r"failed exit status \d+: ")
_NOISE: Final = re.compile(
    r"<path to cached source>/|rpc error: code = \w+ desc = |Manifest generation error \(cached\): "
)


def last_words(said: str, limit: int = SAID) -> str:
    """Masked and at most `limit` characters: Helm, Kustomize and Git put the reason last, behind their command.

    What is too long all the same loses its middle: others put it first.
    """
    whole = said if len(said) <= _READ else said[:_READ].rsplit(maxsplit=1)[0]  # half a word hides what it is
    line = _NOISE.sub("", _ENDED.split(masked(whole))[-1].removeprefix("Error: "))
    if len(line) <= limit:
        return line
    first = limit // 3
    return f"{line[:first]} … {line[first + 3 - limit :]}"
