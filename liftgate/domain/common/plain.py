"""Plain text: input is one line without control characters, and what people see has no invisible characters."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from liftgate.errors import Refused

_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Unicode's control characters, line and paragraph separators and lone surrogates; tab and line ends are blanks."""
_SHOWN: Final = "\N{REPLACEMENT CHARACTER}"
_BLANKS: Final = re.compile(r"\s+")
_UNUSUAL: Final = re.compile(r"[^\x20-\x7e\n\t]")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories: control, format (text that is turned around, of no width), no character at all, line separators."""
_BLANK_LETTERS: Final = frozenset(
    (
        *"\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0",
        *map(chr, range(0x180B, 0x1810)),
        *map(chr, range(0xE0100, 0xE01F0)),
    )
)
"""Characters of other categories that show nothing. The selectors of emoji's style stay."""


def visible(text: str) -> str:
    """What people see, on each edge (page, chat, terminal, Markdown): invisible characters as JSON's escapes.

    Line ends and tabs stay. JSON stays the same JSON.
    """
    return _UNUSUAL.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    hidden = unicodedata.category(character) in _INVISIBLE or character in _BLANK_LETTERS
    return json.dumps(character)[1:-1] if hidden else character


def printable(text: str) -> str:
    """Foreign text for display: a replacement for each control character, so that the text around it stays apart."""
    return _CONTROL.sub(_SHOWN, text)


def one_line(text: str) -> str:
    """The text on one line, so that it can never become a trailer or a paragraph of its own."""
    return printable(_BLANKS.sub(" ", text).strip())


def check_plain(given: Mapping[str, object]) -> None:
    """Raises Refused for a control character in any of these texts, in a text of a list, or in a key of an object."""
    for name, value in given.items():
        for text in _texts(value):
            if found := _CONTROL.search(text):
                raise Refused(f"{name}: {_fault(found)}")


def checked_line(name: str, text: str) -> str:
    """The text as one line. Raises Refused for a control character in it."""
    check_plain({name: text})
    return one_line(text)


def _texts(value: object) -> Iterable[str]:
    """A text, those in a list, or the keys of an object: its values are JSON, which can escape every character."""
    if isinstance(value, str):
        return (value,)
    return (each for each in value if isinstance(each, str)) if isinstance(value, Mapping | list | tuple) else ()


def _fault(found: re.Match[str]) -> str:
    return f"character {found.start() + 1} is a control character (U+{ord(found.group()):04X}); write plain text"
