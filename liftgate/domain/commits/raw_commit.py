"""Reads a commit object's bytes, or says why they cannot be read (git-cat-file(1))."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime
from typing import Final

from liftgate.domain.common.plain import printable
from liftgate.domain.common.value import Value

NEVER: Final = datetime.fromtimestamp(0, UTC)
"""The time of a commit whose time cannot be read."""
_MOMENT: Final = re.compile(rb" (?P<seconds>-?[0-9]{1,19}) [+-][0-9]{1,9}")
_ENCODINGS: Final = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[ru]|shift_jis|euc_(jp|kr)|gb(k|2312|18030)|big5")
"""Python's names of text encodings for messages; Python's other codecs are not for text, or slow."""


class Raw(Value):
    parents: tuple[str, ...] = ()
    when: datetime = NEVER
    author: str = ""
    message: str
    is_readable: bool = True


def read_raw_commit(data: bytes) -> Raw:
    """Never raises: the result of an unreadable commit says so. Control characters are replaced."""
    head, _, message = data.partition(b"\n\n")
    headers = [line.partition(b" ")[::2] for line in head.split(b"\n")]
    parents = tuple(value.decode("ascii", "replace") for name, value in headers if name == b"parent")
    name, moment = _person(_first(headers, b"author"))
    _, committed = _person(_first(headers, b"committer"))
    if not (moment and committed):
        return _unreadable(parents, "its author or committer is missing or malformed")
    try:
        when = datetime.fromtimestamp(int(committed["seconds"]), UTC)
    except (ValueError, OverflowError, OSError):
        return _unreadable(parents, "its date is out of range")
    encoding = _encoding(_first(headers, b"encoding"))
    return Raw(
        parents=parents,
        when=when,
        author=printable(name.decode(encoding, "replace")).strip(),
        message=printable(message.decode(encoding, "replace")),
    )


def unreadable(why: str) -> Raw:
    """Stands in lists for an object that is not a valid commit."""
    return _unreadable((), why)


def _unreadable(parents: tuple[str, ...], why: str) -> Raw:
    return Raw(parents=parents, message=f"(this commit cannot be read: {why})\n", is_readable=False)


def _person(line: bytes) -> tuple[bytes, re.Match[bytes] | None]:
    """The name, and seconds since 1970 if present; like git, it uses the first `<` and the last `>`."""
    before, _, moment = line.rpartition(b">")
    return before.partition(b"<")[0], _MOMENT.fullmatch(moment)


def _first(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")


def _encoding(header: bytes) -> str:
    try:
        name = codecs.lookup(header.decode("ascii", "replace")).name if header else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"
    return name if _ENCODINGS.fullmatch(name) else "utf-8"
