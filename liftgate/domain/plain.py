"""Plain text: what people type is one line without control characters, and what is shown has none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from liftgate.errors import Refused

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Unicode's control characters, line and paragraph separators and lone surrogates; tab and line ends are blanks."""
_SHOWN: Final = "\N{REPLACEMENT CHARACTER}"
_BLANKS: Final = re.compile(r"\s+")


def printable(text: str) -> str:
    """Text of others as it is shown: a sign for each control character, so that nothing around it grows together."""
    return _CONTROL.sub(_SHOWN, text)


def one_line(text: str) -> str:
    """Text within one line, so that it can never make a trailer or a paragraph of its own."""
    return printable(_BLANKS.sub(" ", text).strip())


def check(given: Mapping[str, object]) -> None:
    """Raises Refused for a control character in any text of these, named by their keys, and in keys below them."""
    for name, value in given.items():
        for text in _texts(value):
            if found := _CONTROL.search(text):
                raise Refused(f"{name}: {_fault(found)}")


def checked(name: str, text: str) -> str:
    """The text as one line. Raises Refused for a control character in it."""
    check({name: text})
    return one_line(text)


def _texts(value: object) -> Iterable[str]:
    """A text, or the keys of an object: its values are JSON, which has escapes for everything."""
    if isinstance(value, str):
        return (value,)
    return (key for key in value if isinstance(key, str)) if isinstance(value, Mapping) else ()


def _fault(found: re.Match[str]) -> str:
    return f"character {found.start() + 1} is a control character (U+{ord(found.group()):04X}); write plain text"
