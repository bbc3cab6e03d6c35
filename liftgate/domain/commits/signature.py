"""SSH signatures (SSHSIG, openssh PROTOCOL.sshsig), made by a key in this process or by a service that keeps it."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from liftgate.domain.common.value import Value
from liftgate.errors import Misconfigured

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    PrivateKey: TypeAlias = Ed25519PrivateKey
    SigningKey: TypeAlias = "PrivateKey | SigningService"

VOTES, LEDGER, COMMITS, DRIFT = "liftgate-vote", "liftgate-ledger", "git", "liftgate-drift"
RUNS, PAUSE = "liftgate-run", "liftgate-pause"
WORKER, SERVER = (COMMITS, LEDGER, RUNS), (VOTES, DRIFT)
"""What each program's key is allowed for. A person's key may be allowed for commits alone."""
MAINTAINER = (COMMITS, PAUSE)
"""What the key of a person is allowed for who may lift a pause with a signed commit."""
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_KIND = b"ssh-ed25519"


@runtime_checkable
class SigningService(Protocol):
    """Signs with a key that this process need not have. It may refuse what it was not made for."""

    def public_half(self) -> bytes:
        """32 bytes, the raw Ed25519 public key."""

    def signature(self, message: bytes, namespace: str) -> str:
        """Armoured SSHSIG. Raises Refused, Unavailable."""


class Signer(Value):
    """One line of an `allowed_signers` file (ssh-keygen(1)): who may sign, for which namespaces, with which key."""

    principal: str
    namespaces: tuple[str, ...]
    key: bytes
    """32 bytes, the raw Ed25519 public key."""


def _pack(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _unpack(blob: bytes, count: int) -> list[bytes]:
    parts = []
    for _ in range(count):
        (size,) = struct.unpack(">I", blob[:4])
        parts.append(blob[4 : 4 + size])
        blob = blob[4 + size :]
    return parts


def _signed_data(message: bytes, namespace: str) -> bytes:
    digest = hashlib.sha512(message).digest()
    return b"SSHSIG" + _pack(namespace.encode()) + _pack(b"") + _pack(b"sha512") + _pack(digest)


def public_bytes(key: SigningKey) -> bytes:
    return key.public_half() if isinstance(key, SigningService) else key.public_key().public_bytes_raw()


def sign(message: bytes, key: SigningKey, namespace: str) -> str:
    """Armoured SSHSIG; the same input gives the same text. Raises what the service raises, if the key is in one."""
    if isinstance(key, SigningService):
        return key.signature(message, namespace)
    signature = _pack(_KIND) + _pack(key.sign(_signed_data(message, namespace)))
    public = _pack(_KIND) + _pack(public_bytes(key))
    blob = b"SSHSIG" + struct.pack(">I", 1) + _pack(public) + _pack(namespace.encode())
    blob += _pack(b"") + _pack(b"sha512") + _pack(signature)
    text = base64.b64encode(blob).decode()
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join([_BEGIN, *lines, _END]) + "\n"


def signer_of(message: bytes, armoured: str, namespace: str, signers: tuple[Signer, ...]) -> str | None:
    """The principal who signed the message for the namespace, or None if no allowed signer did."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        blob = base64.b64decode("".join(armoured.strip().splitlines()[1:-1]), validate=True)
        public, claimed, _, algorithm, signature = _unpack(blob[10:], 5)
        raw_key, raw_signature = _unpack(public, 2)[1], _unpack(signature, 2)[1]
    except (ValueError, struct.error, IndexError):
        return None
    if blob[:6] != b"SSHSIG" or claimed != namespace.encode() or algorithm != b"sha512":
        return None
    for signer in signers:
        if signer.key == raw_key and namespace in signer.namespaces:
            try:
                Ed25519PublicKey.from_public_bytes(raw_key).verify(raw_signature, _signed_data(message, namespace))
            except InvalidSignature:
                return None
            return signer.principal
    return None


def missing(key: bytes, namespaces: tuple[str, ...], signers: tuple[Signer, ...]) -> tuple[str, ...]:
    """The namespaces for which the key may not sign."""
    allowed = {name for signer in signers if signer.key == key for name in signer.namespaces}
    return tuple(name for name in namespaces if name not in allowed)


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
    blob = base64.b64encode(_pack(_KIND) + _pack(public)).decode()
    return f'{principal} namespaces="{",".join(namespaces)}" ssh-ed25519 {blob}'


def read_allowed(text: str) -> tuple[Signer, ...]:
    """The Ed25519 lines of an allowed_signers file; lines without namespaces are too broad and ignored.

    Raises Misconfigured for an invalid key, because the author of the line expects it to count.
    """
    signers = []
    for number, line in enumerate(text.splitlines(), 1):
        parts = line.split()
        if len(parts) < 4 or parts[0].startswith("#") or not parts[1].startswith("namespaces="):
            continue
        names = tuple(parts[1].removeprefix("namespaces=").strip('"').split(","))
        if parts[2] == "ssh-ed25519":
            signers.append(Signer(principal=parts[0], namespaces=names, key=_public_key(parts[3], number)))
    return tuple(signers)


def _public_key(text: str, line: int) -> bytes:
    try:
        kind, key = _unpack(base64.b64decode(text, validate=True), 2)
    except (ValueError, struct.error):
        kind, key = b"", b""
    if kind != _KIND or len(key) != 32:
        raise Misconfigured(f".liftgate/allowed_signers:{line}: this is not an Ed25519 public key")
    return key
