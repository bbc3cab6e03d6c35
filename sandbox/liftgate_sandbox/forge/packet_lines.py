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
    at = 0
    while at < len(body):
        length = int(body[at : at + 4], 16)
        yield body[at + 4 : at + length].removesuffix(b"\n") if length > 4 else body[at : at + 4]
        at += max(length, 4)
