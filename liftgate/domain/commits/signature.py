"""SSH signatures (SSHSIG, openssh PROTOCOL.sshsig), made by a key in this process or by a service that keeps it."""

from __future__ import annotations

import base64
import hashlib
import struct
from datetime import datetime
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, runtime_checkable

from liftgate.domain.commits import allowed_signers, public_key
from liftgate.domain.commits.allowed_signers import Signer
from liftgate.domain.commits.public_key import pack, unpack
from liftgate.domain.common.value import Value
from liftgate.errors import Misconfigured

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    PrivateKey: TypeAlias = Ed25519PrivateKey
    SigningKey: TypeAlias = "PrivateKey | SigningService"

VOTES, LEDGER, COMMITS, DRIFT = "liftgate-vote", "liftgate-ledger", allowed_signers.COMMITS, "liftgate-drift"
RUNS, PAUSE = "liftgate-run", "liftgate-pause"
WORKER, SERVER = (COMMITS, LEDGER, RUNS), (VOTES, DRIFT)
"""What each program's key is allowed for. A person's key may be allowed for commits alone."""
MAINTAINER = (COMMITS, PAUSE)
"""What the key of a person is allowed for who may lift a pause with a signed commit."""
BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_HASHES: Final = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
"""Those of PROTOCOL.sshsig. We make signatures with SHA-512."""


@runtime_checkable
class SigningService(Protocol):
    """Signs with a key that this process need not have. It may refuse what it was not made for."""

    def public_half(self) -> bytes:
        """The Ed25519 public key as SSH encodes it (RFC 4253 §6.6)."""

    def signature(self, message: bytes, namespace: str) -> str:
        """Armoured SSHSIG. Raises Refused, Unavailable."""


def _signed_data(message: bytes, namespace: bytes, algorithm: bytes = b"sha512") -> bytes:
    return b"SSHSIG" + pack(namespace, b"", algorithm, _HASHES[algorithm](message).digest())


def public_bytes(key: SigningKey) -> bytes:
    """The public key as SSH encodes it (RFC 4253 §6.6)."""
    if isinstance(key, SigningService):
        return key.public_half()
    return public_key.of_ed25519(key.public_key().public_bytes_raw())


def sign(message: bytes, key: SigningKey, namespace: str) -> str:
    """Armoured SSHSIG; the same input gives the same text. Raises what the service raises, if the key is in one."""
    if isinstance(key, SigningService):
        return key.signature(message, namespace)
    signature = pack(public_key.ED25519.encode(), key.sign(_signed_data(message, namespace.encode())))
    blob = b"SSHSIG" + struct.pack(">I", 1)
    blob += pack(public_bytes(key), namespace.encode(), b"", b"sha512", signature)
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join([BEGIN, *lines, _END]) + "\n"


class SshSignature(Value):
    """The parts of an SSHSIG."""

    key: bytes
    """The public key that it claims to be made with, as SSH encodes it."""
    namespace: str
    algorithm: bytes
    """The hash of the message."""
    made: bytes

    def has_signed(self, message: bytes) -> bool:
        """Whether that key made it over the message. Says nothing of who may use the key."""
        return public_key.has_signed(
            self.key, _signed_data(message, self.namespace.encode(), self.algorithm), self.made
        )


def read_signature(armoured: str) -> SshSignature | None:
    """None for what is not armoured SSHSIG."""
    try:
        blob = base64.b64decode("".join(armoured.strip().splitlines()[1:-1]), validate=True)
        key, namespace, _, algorithm, made, _ = unpack(blob[10:], 5)
        named = namespace.decode()
    except (ValueError, struct.error, IndexError):
        return None
    if blob[:6] != b"SSHSIG" or algorithm not in _HASHES:
        return None
    return SshSignature(key=key, namespace=named, algorithm=algorithm, made=made)


def signer_of(
    message: bytes, armoured: str, namespace: str, signers: tuple[Signer, ...], at: datetime | None = None
) -> str | None:
    """The principal who signed the message for the namespace, or None if no signer did who was allowed to at that time.

    `at` is when it was signed, as the signed text says. Without it only keys that are always valid count.
    """
    found = read_signature(armoured)
    if found is None or found.namespace != namespace:
        return None
    may = [each for each in signers if each.key == found.key and each.may_sign(namespace) and each.is_valid(at)]
    return may[0].principal if may and found.has_signed(message) else None


def missing(
    key: bytes, namespaces: tuple[str, ...], signers: tuple[Signer, ...], at: datetime | None = None
) -> tuple[str, ...]:
    """The namespaces for which the key may not sign at that time; without a time, for which it never may."""
    mine = [signer for signer in signers if signer.key == key and (at is None or signer.is_valid(at))]
    return tuple(name for name in namespaces if not any(each.may_sign(name) for each in mine))


def allowed_for(namespaces: tuple[str, ...], signers: tuple[Signer, ...]) -> tuple[Signer, ...]:
    """The signers whose key may sign for all the namespaces at some time, by one line or by several."""
    keys = [{each.key for each in signers if each.may_sign(name)} for name in namespaces]
    return tuple(each for each in signers if all(each.key in may for may in keys))


def read_private_key(text: str, setting: str) -> PrivateKey:
    """An OpenSSH Ed25519 private key; raises Misconfigured with the setting's name, never the key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        key = load_ssh_private_key(text.encode(), password=None)
    except Exception:  # noqa: BLE001  the library raises a dozen kinds, which all mean the same here
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Misconfigured(
            f"{setting} is not an OpenSSH Ed25519 private key without a passphrase; "
            "create one with: ssh-keygen -t ed25519 -N ''"
        ) from None
    return key


def allowed_line(principal: str, namespaces: tuple[str, ...], public: bytes) -> str:
    """One line for `.liftgate/allowed_signers`."""
    kind, blob = public_key.ED25519, base64.b64encode(public).decode()
    return f'{principal} namespaces="{",".join(namespaces)}" {kind} {blob}'
