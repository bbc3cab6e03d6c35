"""Public keys as SSH encodes them, and whether one of them made a signature (RFC 4253 §6.6, OpenSSH's PROTOCOL.u2f)."""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from typing import Final

ED25519: Final = "ssh-ed25519"
_CURVES: Final = {"ecdsa-sha2-nistp256": 256, "ecdsa-sha2-nistp384": 384, "ecdsa-sha2-nistp521": 512}
"""The bits of the hash that each curve signs (RFC 5656 §6.2.1)."""
_RSA: Final = {b"rsa-sha2-256": 256, b"rsa-sha2-512": 512}
"""The same of RSA's algorithms (RFC 8332). SHA-1 is not here: OpenSSH refuses it too."""
_SK_ED25519, _SK_ECDSA = "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"
KINDS: Final = {ED25519: 1, "ssh-rsa": 2, **dict.fromkeys(_CURVES, 2), _SK_ED25519: 2, _SK_ECDSA: 3}
"""The kinds of keys that `ssh-keygen -Y sign` signs with, and how many parts follow the kind in each."""
_ED25519_BYTES: Final = 32
_TOUCHED: Final = 1
"""The flag of a security key that a person touched."""


def pack(*parts: bytes) -> bytes:
    """Each with its length before it."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def unpack(blob: bytes, count: int) -> list[bytes]:
    """The first parts, and what follows them. Raises struct.error for fewer."""
    parts = []
    for _ in range(count):
        (size,) = struct.unpack(">I", blob[:4])
        if len(blob) < 4 + size:
            raise struct.error  # a part is shorter than its length says
        parts.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return [*parts, blob]


def of_ed25519(raw: bytes) -> bytes:
    """The key of 32 bytes, as SSH encodes it."""
    return pack(ED25519.encode(), raw)


def is_text(text: str) -> bool:
    """Whether the text begins as the line of a public key does."""
    return _words(text)[0] in KINDS


def from_text(text: str) -> bytes:
    """The key in `KIND BASE64 COMMENT`, as a .pub file has it. Raises ValueError."""
    kind, written = _words(text)
    if kind not in KINDS:
        raise ValueError("a public key must follow, such as: ssh-ed25519 AAAA…")
    try:
        key = base64.b64decode(written, validate=True)
    except ValueError:
        key = b""
    if not is_public_key(key) or not key.startswith(pack(kind.encode())):
        raise ValueError(f"this is not a public key of the kind {kind}")
    return key


def fingerprint(key: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _words(text: str) -> tuple[str, str]:
    """The first two words; what is not there is empty."""
    first, second, *_ = (*re.split("[ \t]+", text, maxsplit=2), "", "")
    return first, second


def is_public_key(key: bytes) -> bool:
    """Whether it has the form of a public key of a kind that can sign."""
    try:
        *parts, more = unpack(key, 1 + KINDS.get(_kind(key), 0))
    except struct.error:
        return False
    is_whole = len(parts) > 1 and all(parts) and not more
    return is_whole and (len(parts[1]) == _ED25519_BYTES or _kind(key) not in (ED25519, _SK_ED25519))


def has_signed(key: bytes, data: bytes, signature: bytes) -> bool:
    """Whether the private half made the signature (with its algorithm, as SSH encodes it) over the data."""
    from cryptography.exceptions import InvalidSignature

    try:
        algorithm, made, more = unpack(signature, 2)
        kind = _kind(key)
        if kind.startswith("sk-"):
            data = _shown_to_security_key(kind, key, data, more)
        elif more:
            return False
        _verify(key, kind, algorithm, made, data)
    except (ValueError, struct.error, InvalidSignature):
        return False
    return True


def _verify(key: bytes, kind: str, algorithm: bytes, made: bytes, data: bytes) -> None:
    """Raises InvalidSignature, ValueError."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    by_bits: dict[int, hashes.HashAlgorithm] = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
    loaded = _loaded(key)
    if isinstance(loaded, rsa.RSAPublicKey) and algorithm in _RSA:
        loaded.verify(made, data, padding.PKCS1v15(), by_bits[_RSA[algorithm]])
    elif algorithm != kind.encode():
        raise ValueError  # the algorithm is not that of the key
    elif isinstance(loaded, Ed25519PublicKey):
        loaded.verify(made, data)
    elif isinstance(loaded, ec.EllipticCurvePublicKey):
        *numbers, _ = unpack(made, 2)
        r, s = (int.from_bytes(each) for each in numbers)
        loaded.verify(encode_dss_signature(r, s), data, ec.ECDSA(by_bits[_CURVES.get(kind, 256)]))
    else:
        raise ValueError  # no such signature


def _shown_to_security_key(kind: str, key: bytes, data: bytes, more: bytes) -> bytes:
    """What a security key signs: `more` has its flags and its counter. Raises ValueError if no person touched it."""
    if len(more) != 5 or not more[0] & _TOUCHED:
        raise ValueError  # no person touched the security key
    application = unpack(key, 3 if kind == _SK_ED25519 else 4)[-2]
    return hashlib.sha256(application).digest() + more + hashlib.sha256(data).digest()


def _kind(key: bytes) -> str:
    return unpack(key, 1)[0].decode("ascii", "replace")


def _loaded(key: bytes) -> object:
    """Raises ValueError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    try:
        return load_ssh_public_key(_kind(key).encode() + b" " + base64.b64encode(key))
    except UnsupportedAlgorithm as error:
        raise ValueError from error
