"""Git's packet lines: four hexadecimal digits are the length of each with themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

FLUSH: Final = b"0000"
DELIMITER: Final = b"0001"


def packet(text: bytes) -> bytes:
    return b"%04x%s" % (len(text) + 4, text)


def packets(body: bytes) -> Iterator[bytes]:
    """The texts without their line ends; FLUSH and DELIMITER as themselves. Raises ValueError."""
    return (mark or content.removesuffix(b"\n") for mark, content in _parts(body))


def contents(body: bytes) -> Iterator[bytes]:
    """Byte for byte, without the marks. Raises ValueError."""
    return (content for mark, content in _parts(body) if not mark)


def _parts(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """A mark, or a content."""
    at = 0
    while at < len(body):
        length = int(body[at : at + 4], 16)
        is_mark = length <= 4
        yield (body[at : at + 4], b"") if is_mark else (b"", body[at + 4 : at + length])
        at += max(length, 4)
