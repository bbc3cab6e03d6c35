"""The useful part of a program's error message, safe to show."""

from __future__ import annotations

import re
from typing import Final

from liftgate.domain.secrets.masking import masked

SAID: Final = 400
"""Characters that are shown."""
_READ: Final = 20_000
_ENDED: Final = re.compile(r"failed exit status \d+: ")
_NOISE: Final = re.compile(
    r"<path to cached source>/|rpc error: code = \w+ desc = |Manifest generation error \(cached\): "
)


def error_excerpt(said: str, limit: int = SAID) -> str:
    """Masked and at most `limit` characters. Helm, Kustomize and Git put the reason last, after their command.

    A text that is still too long loses its middle, because other programs put the reason first.
    """
    whole = said if len(said) <= _READ else said[:_READ].rsplit(maxsplit=1)[0]  # half a word may be a secret
    line = _NOISE.sub("", _ENDED.split(masked(whole))[-1].removeprefix("Error: "))
    if len(line) <= limit:
        return line
    first = limit // 3
    return f"{line[:first]} … {line[first + 3 - limit :]}"
