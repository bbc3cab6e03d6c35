"""Keys to sign with: new ones, those of the settings, and a key as the text that OpenSSH writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from liftgate.domain.commits import signature
from liftgate.errors import Misconfigured

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import PrivateKey


def new_key() -> PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def as_text(key: PrivateKey) -> str:
    """Without a passphrase, as `signature.read_private_key` reads it again."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def read_key(text: str, setting: str) -> PrivateKey:
    """The setting's text is the key itself or the path of its file. Raises Misconfigured without repeating it."""
    if not text:
        raise Misconfigured(f"no signing key: set {setting} to a key, or to the path of its file")
    if not text.lstrip().startswith("-----BEGIN"):
        try:
            text = Path(text).expanduser().read_text()
        except OSError as error:
            raise Misconfigured(f"{setting}: the key file cannot be read: {error.strerror}") from None
    return signature.read_private_key(text, setting)
