"""Base58 (Bitcoin's alphabet): addresses, which are public, and private keys in Wallet Import Format."""

from __future__ import annotations

import hashlib
from typing import Final

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_LONGEST: Final = 60
_CHECKSUM: Final = 4
_ADDRESS: Final = 21
"""Bytes of an address without its checksum: a version and a hash of 20 bytes."""
_PUBLIC_KEY: Final = 32
"""Bytes of an account or a contract on chains that show the key itself."""
_WALLET: Final = {(0x80, 33), (0x80, 34), (0xEF, 33), (0xEF, 34)}
"""First byte and length of a private key without its checksum: main and test network, plain and compressed."""


def is_address(text: str) -> bool:
    """Whether the text is the address of an account or a contract."""
    raw = _decoded(text)
    return raw is not None and (len(raw) == _PUBLIC_KEY or len(_checked(raw)) == _ADDRESS)


def is_wallet_key(text: str) -> bool:
    """Whether the text is a private key in Wallet Import Format."""
    payload = _checked(_decoded(text) or b"")
    return bool(payload) and (payload[0], len(payload)) in _WALLET


def _checked(raw: bytes) -> bytes:
    """The bytes before a checksum that is right; empty if it is wrong."""
    payload, checksum = raw[:-_CHECKSUM], raw[-_CHECKSUM:]
    expected = hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECKSUM]
    return payload if checksum == expected else b""


def _decoded(text: str) -> bytes | None:
    """None for a text that is not Base58, or too short or too long for a key."""
    if not 25 <= len(text) <= _LONGEST or not all(letter in _DIGITS for letter in text):
        return None
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS[letter]
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
