"""The forge's own OpenPGP key: it signs the commits that it makes, as GitHub does as `web-flow` (RFC 4880)."""

from __future__ import annotations

import base64
import hashlib
import os
import textwrap
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PGP = "-----BEGIN PGP SIGNATURE-----"
_BITS = 2048
_MADE = datetime(2024, 1, 16, tzinfo=UTC)
_PUBLIC_KEY, _USER_ID, _SIGNATURE = 6, 13, 2
"""Tags of packets."""
_RSA, _SHA256 = 1, 8
_OF_BYTES, _OF_A_USER_ID = 0x00, 0x13
"""What a signature is of."""
_CREATED, _ISSUER, _FLAGS, _FINGERPRINT = 2, 16, 27, 33
"""Types of subpackets."""
_MAY_CERTIFY_AND_SIGN = b"\x03"


class Key:
    """An RSA key with one user id; its signatures are those that `gpg --verify` reads."""

    def __init__(self, private: rsa.RSAPrivateKey, user_id: str) -> None:
        self._private, self._user_id = private, user_id.encode()
        numbers = private.public_key().public_numbers()
        self._body = b"\x04" + _seconds(_MADE) + bytes([_RSA]) + _integer(numbers.n) + _integer(numbers.e)
        self.fingerprint = hashlib.sha1(self._hashed_key(), usedforsecurity=False).digest()

    @property
    def public(self) -> str:
        """As text, for `gpg --import`."""
        named = self._hashed_key() + b"\xb4" + len(self._user_id).to_bytes(4) + self._user_id
        flags = _subpacket(_FLAGS, _MAY_CERTIFY_AND_SIGN)
        own = self._signature(named, _OF_A_USER_ID, _MADE, flags)
        packets = _packet(_PUBLIC_KEY, self._body) + _packet(_USER_ID, self._user_id) + own
        return _armoured("PUBLIC KEY BLOCK", packets)

    def sign(self, data: bytes, when: datetime) -> str:
        """The armoured signature of the bytes."""
        return _armoured("SIGNATURE", self._signature(data, _OF_BYTES, when))

    def has_signed(self, data: bytes, armoured: str) -> bool:
        """Whether it is such a signature of ours of these bytes."""
        try:
            packet = base64.b64decode("".join(armoured.partition("\n\n")[2].partition("\n=")[0].split()))
            body = packet[3:]
            end = 6 + int.from_bytes(body[4:6])
            hashed = body[:end]
            signed = body[end + 2 + int.from_bytes(body[end : end + 2]) + 2 + 2 :]
            self._private.public_key().verify(
                signed.rjust(_BITS // 8, b"\0"), data + hashed + _trailer(hashed), padding.PKCS1v15(), hashes.SHA256()
            )
        except (ValueError, InvalidSignature):
            return False
        return True

    def _hashed_key(self) -> bytes:
        return b"\x99" + len(self._body).to_bytes(2) + self._body

    def _signature(self, data: bytes, kind: int, when: datetime, *more: bytes) -> bytes:
        """A packet of version 4."""
        by = _subpacket(_FINGERPRINT, b"\x04" + self.fingerprint)
        said = b"".join([by, _subpacket(_CREATED, _seconds(when)), *more])
        hashed = bytes([4, kind, _RSA, _SHA256]) + len(said).to_bytes(2) + said
        text = data + hashed + _trailer(hashed)
        signed = self._private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        issuer = _subpacket(_ISSUER, self.fingerprint[-8:])
        left = hashlib.sha256(text).digest()[:2]
        return _packet(_SIGNATURE, hashed + len(issuer).to_bytes(2) + issuer + left + _integer(int.from_bytes(signed)))


def key_in(folder: Path, user_id: str) -> Key:
    """The key that is kept there; made at the first use."""
    return _key_in(folder, user_id)


@cache
def _key_in(folder: Path, user_id: str) -> Key:
    file = folder / "web-flow.pem"
    if not file.exists():
        fresh = file.with_name(f"web-flow.{os.getpid()}")
        fresh.touch(0o600)
        fresh.write_bytes(_made_here())
        fresh.replace(file)
    private = _read(file.read_bytes())
    if private is None:
        raise ValueError(f"{file} is no RSA key")
    return Key(private, user_id)


@lru_cache
def _read(pem: bytes) -> rsa.RSAPrivateKey | None:
    """Once, as its numbers are checked: forges that a process begins have the same one."""
    private = serialization.load_pem_private_key(pem, None)
    return private if isinstance(private, rsa.RSAPrivateKey) else None


@cache
def _made_here() -> bytes:
    """One for all forges that a process begins: to make an RSA key takes a while."""
    private = rsa.generate_private_key(65537, _BITS)
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return private.private_bytes(*kinds)


def _packet(tag: int, body: bytes) -> bytes:
    """With a length of two bytes."""
    return bytes([0x80 | tag << 2 | 1]) + len(body).to_bytes(2) + body


def _subpacket(kind: int, data: bytes) -> bytes:
    return bytes([len(data) + 1, kind]) + data


def _integer(number: int) -> bytes:
    bits = number.bit_length()
    return bits.to_bytes(2) + number.to_bytes((bits + 7) // 8)


def _seconds(when: datetime) -> bytes:
    return int(when.timestamp()).to_bytes(4)


def _trailer(hashed: bytes) -> bytes:
    return b"\x04\xff" + len(hashed).to_bytes(4)


def _armoured(what: str, packets: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(packets).decode(), 64)
    checksum = base64.b64encode(_crc(packets)).decode()
    return "\n".join([f"-----BEGIN PGP {what}-----", "", *lines, f"={checksum}", f"-----END PGP {what}-----", ""])


def _crc(data: bytes) -> bytes:
    """CRC-24 of RFC 4880 §6.1."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc <<= 1
            if crc & 0x1000000:
                crc ^= 0x1864CFB
    return (crc & 0xFFFFFF).to_bytes(3)
