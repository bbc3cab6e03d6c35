"""Keys and signatures as SSH encodes them: whole ones count; nothing counts that lacks a part or has one more."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from functools import cache
from typing import Final

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from liftgate.domain.commits.public_key import has_signed, is_public_key, of_ed25519, pack, unpack

DATA: Final = b"what was signed"
ED = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
ED_KEY = of_ed25519(ED.public_key().public_bytes_raw())
SK_ED, SK_ECDSA = b"sk-ssh-ed25519@openssh.com", b"sk-ecdsa-sha2-nistp256@openssh.com"
CURVES: Final[dict[str, tuple[ec.EllipticCurve, hashes.HashAlgorithm]]] = {
    "nistp256": (ec.SECP256R1(), hashes.SHA256()),
    "nistp384": (ec.SECP384R1(), hashes.SHA384()),
    "nistp521": (ec.SECP521R1(), hashes.SHA512()),
}


@cache
def rsa_private() -> rsa.RSAPrivateKey:
    """To make one takes a while, in every process that collects the tests."""
    return rsa.generate_private_key(65537, 2048)


def integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


def rsa_key() -> bytes:
    numbers = rsa_private().public_key().public_numbers()
    return pack(b"ssh-rsa", integer(numbers.e), integer(numbers.n))


def by_rsa(algorithm: bytes, hashed: hashes.HashAlgorithm) -> bytes:
    return pack(algorithm, rsa_private().sign(DATA, padding.PKCS1v15(), hashed))


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def numbers(key: ec.EllipticCurvePrivateKey, hashed: hashes.HashAlgorithm, data: bytes = DATA) -> bytes:
    return pack(*map(integer, decode_dss_signature(key.sign(data, ec.ECDSA(hashed)))))


def test_parts_have_their_lengths_before_them() -> None:
    assert pack(b"ab", b"") == b"\0\0\0\2ab\0\0\0\0"
    assert unpack(pack(b"ab", b"c") + b"more", 2) == [b"ab", b"c", b"more"]
    assert unpack(b"x", 0) == [b"x"]
    for short in (b"", b"\0\0\0", b"\0\0\0\2a", b"\xff\xff\xff\xff" + b"x" * 9):
        with pytest.raises(struct.error):
            unpack(short, 1)


WHOLE: Final = {
    "ed25519": ED_KEY,
    "rsa": pack(b"ssh-rsa", integer(65537), b"n" * 256),
    "ecdsa": pack(b"ecdsa-sha2-nistp256", b"nistp256", b"point"),
    "sk-ed25519": pack(SK_ED, b"k" * 32, b"ssh:"),
    "sk-ecdsa": pack(SK_ECDSA, b"nistp256", b"point", b"ssh:"),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_a_key_has_all_its_parts_and_no_more(kind: str) -> None:
    key = WHOLE[kind]
    assert is_public_key(key)
    assert not is_public_key(key[:-1])
    assert not is_public_key(key + b"x")
    assert not is_public_key(key + pack(b"x"))
    first = unpack(key, 1)[0]
    assert not is_public_key(pack(first))
    count = {"ed25519": 1, "sk-ecdsa": 3}.get(kind, 2)
    assert not is_public_key(pack(first, *[b""] * count))


@pytest.mark.parametrize("kind", [b"ssh-unknown", b"ssh-dss", b"", b"\xff"])
def test_another_kind_is_none(kind: bytes) -> None:
    for parts in range(4):
        assert not is_public_key(pack(kind, *[b"k" * 32] * parts))
    assert not is_public_key(b"")


@pytest.mark.parametrize("kind", [b"ssh-ed25519", SK_ED])
@pytest.mark.parametrize("length", [1, 31, 33])
def test_a_key_of_ed25519_has_32_bytes(kind: bytes, length: int) -> None:
    more = (b"ssh:",) if kind == SK_ED else ()
    assert not is_public_key(pack(kind, b"k" * length, *more))


def test_ed25519() -> None:
    made = ED.sign(DATA)
    assert has_signed(ED_KEY, DATA, pack(b"ssh-ed25519", made))
    for wrong in (
        b"", pack(b"ssh-ed25519"), pack(b"ssh-ed25519", made[:-1]), pack(b"ssh-ed25519", made) + b"x",
        pack(b"ssh-rsa", made), pack(b"rsa-sha2-256", made), pack(SK_ED, made),
    ):  # fmt: skip
        assert not has_signed(ED_KEY, DATA, wrong)
    assert not has_signed(ED_KEY, b"another", pack(b"ssh-ed25519", made))
    for key in (b"", pack(b"ssh-ed25519"), pack(b"ssh-dss", b"x"), pack(b"ssh-ed25519", b"k" * 31)):
        assert not has_signed(key, DATA, pack(b"ssh-ed25519", made))


def test_rsa_with_both_hashes_and_never_with_sha_1() -> None:
    assert is_public_key(rsa_key())
    right = {b"rsa-sha2-256": hashes.SHA256(), b"rsa-sha2-512": hashes.SHA512()}
    for algorithm in right:
        for other, hashed in right.items():
            assert has_signed(rsa_key(), DATA, by_rsa(algorithm, hashed)) == (algorithm == other)
    for old in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303  what must be refused
        assert not has_signed(rsa_key(), DATA, by_rsa(b"ssh-rsa", old))
    assert not has_signed(rsa_key(), DATA, by_rsa(b"rsa-sha2-256", hashes.SHA256()) + b"x")


@pytest.mark.parametrize("name", CURVES)
def test_each_curve_signs_its_own_hash(name: str) -> None:
    curve, right = CURVES[name]
    made = ec.generate_private_key(curve)
    kind = f"ecdsa-sha2-{name}".encode()
    key = pack(kind, name.encode(), point(made))
    for _, hashed in CURVES.values():
        assert has_signed(key, DATA, pack(kind, numbers(made, hashed))) == (hashed.name == right.name)
    assert not has_signed(key, DATA, pack(b"ssh-ed25519", numbers(made, right)))
    assert not has_signed(key, DATA, pack(kind, pack(b"\1")))


def shown(data: bytes, more: bytes, application: bytes) -> bytes:
    return hashlib.sha256(application).digest() + more + hashlib.sha256(data).digest()


def sk_ed25519(application: bytes) -> tuple[bytes, bytes, Callable[[bytes], bytes]]:
    return SK_ED, pack(SK_ED, ED.public_key().public_bytes_raw(), application), ED.sign


def sk_ecdsa(application: bytes) -> tuple[bytes, bytes, Callable[[bytes], bytes]]:
    made = ec.generate_private_key(ec.SECP256R1())
    key = pack(SK_ECDSA, b"nistp256", point(made), application)
    return SK_ECDSA, key, lambda data: numbers(made, hashes.SHA256(), data)


@pytest.mark.parametrize("made", [sk_ed25519, sk_ecdsa])
def test_a_security_key_signs_flags_counter_and_application(
    made: Callable[[bytes], tuple[bytes, bytes, Callable[[bytes], bytes]]],
) -> None:
    kind, key, sign = made(b"ssh:")
    more = b"\1" + struct.pack(">I", 7)
    good = pack(kind, sign(shown(DATA, more, b"ssh:")))
    assert has_signed(key, DATA, good + more)
    assert not has_signed(key, b"another", good + more)
    for wrong in (b"", more[:-1], more + b"x", b"\1" + struct.pack(">I", 8)):
        assert not has_signed(key, DATA, good + wrong)
    assert not has_signed(key, DATA, pack(kind, sign(shown(DATA, more, b"web:"))) + more)
    for flags, counts in ((b"\0", False), (b"\4", False), (b"\5", True)):
        with_flags = flags + more[1:]
        assert has_signed(key, DATA, pack(kind, sign(shown(DATA, with_flags, b"ssh:"))) + with_flags) == counts
    longer = more + b"x"
    assert not has_signed(key, DATA, pack(kind, sign(shown(DATA, longer, b"ssh:"))) + longer)
