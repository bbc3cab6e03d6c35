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
    return signature.read_private_key(text_of(text, setting), setting)


def read_ssh_key(text: str, setting: str) -> str:
    """The text of a private key of any kind for SSH, as OpenSSH reads it. Raises Misconfigured without repeating it."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_ssh_private_key

    text = text_of(text, setting).strip().replace("\r\n", "\n") + "\n"  # OpenSSH reads no key without a last newline
    load = load_ssh_private_key if "OPENSSH" in text.partition("\n")[0] else load_pem_private_key
    try:
        load(text.encode(), password=None)
    except Exception:  # noqa: BLE001  the library raises a dozen kinds, which all mean the same here
        raise Misconfigured(
            f"{setting} is not a private key without a passphrase; create one with: ssh-keygen -t ed25519 -N ''"
        ) from None
    return text


def text_of(text: str, setting: str) -> str:
    """The key itself, or what is in the file that is named. Raises Misconfigured without repeating it."""
    if text.lstrip().startswith("-----BEGIN"):
        return text
    try:
        return Path(text).expanduser().read_text()
    except OSError as error:
        raise Misconfigured(f"{setting}: the key file cannot be read: {error.strerror}") from None
    except (ValueError, RuntimeError):
        raise Misconfigured(f"{setting}: the key file cannot be read: it is no text, or has no such path") from None
