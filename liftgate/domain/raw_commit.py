"""A commit object's bytes, whoever wrote them: what can be read of them, or why they cannot (git-cat-file(1))."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime
from typing import Final

from liftgate.domain.plain import printable
from liftgate.domain.value import Value

NEVER: Final = datetime.fromtimestamp(0, UTC)
"""Stands where the time cannot be read."""
_MOMENT: Final = re.compile(rb" (?P<seconds>-?[0-9]{1,19}) [+-][0-9]{1,9}")
_ENCODINGS: Final = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[ru]|shift_jis|euc_(jp|kr)|gb(k|2312|18030)|big5")
"""Python's names of those that people's messages have; others it knows are no text at all, or slow."""


class Raw(Value):
    parents: tuple[str, ...] = ()
    when: datetime = NEVER
    author: str = ""
    message: str
    is_readable: bool = True


def read(data: bytes) -> Raw:
    """Never raises: a commit that cannot be read is one that says so. Control characters are replaced."""
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
    """Stands in lists for what is no commit."""
    return _unreadable((), why)


def _unreadable(parents: tuple[str, ...], why: str) -> Raw:
    return Raw(parents=parents, message=f"(this commit cannot be read: {why})\n", is_readable=False)


def _person(line: bytes) -> tuple[bytes, re.Match[bytes] | None]:
    """Name, and seconds since 1970 if they are there; by what git goes: the first `<` and the last `>`."""
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
