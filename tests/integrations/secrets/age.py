"""age keys made when a test needs them: the binary of sops makes none, and none is ever committed."""

from __future__ import annotations

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


class Key(NamedTuple):
    secret: str
    recipient: str


def new_key() -> Key:
    key = X25519PrivateKey.generate()
    secret, public = key.private_bytes_raw(), key.public_key().public_bytes_raw()
    return Key(_bech32("age-secret-key-", secret).upper(), _bech32("age", public))


def _bech32(prefix: str, data: bytes) -> str:
    """BIP 173, which age writes its keys in."""
    count = (len(data) * 8 + 4) // 5
    number = int.from_bytes(data) << (count * 5 - len(data) * 8)
    digits = [number >> 5 * (count - 1 - at) & 31 for at in range(count)]
    head = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix]
    check = _polymod([*head, *digits, *[0] * 6]) ^ 1
    digits += [check >> 5 * (5 - at) & 31 for at in range(6)]
    return prefix + "1" + "".join(_LETTERS[digit] for digit in digits)


def _polymod(digits: list[int]) -> int:
    check = 1
    for digit in digits:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ digit
        for at, term in enumerate(_GENERATOR):
            check ^= term if top >> at & 1 else 0
    return check
