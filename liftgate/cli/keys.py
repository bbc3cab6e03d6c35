"""The two private keys of a repository: created outside it. Existing keys are used only if the user names them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from liftgate.cli.answer import say
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.keys import as_text, new_key

WORKER, SERVER = "worker_key", "server_key"
_PRINCIPALS: Final = {
    WORKER: ("liftgate@localhost", signature.WORKER),
    SERVER: ("server@localhost", signature.SERVER),
}


def allowed_signers(keys: Path, repository: Path, *, is_named: bool) -> str:
    """The text of `.liftgate/allowed_signers` for the two keys; creates missing keys.

    Existing keys may belong to another repository, so they are used only if the user named their folder.
    """
    if keys.is_relative_to(repository):
        raise Refused(f"{keys} is in the repository; private keys must be outside it: name another folder with --keys")
    there = [name for name in _PRINCIPALS if (keys / name).exists()]
    if there and not is_named:
        raise Refused(f"{keys} already has keys; use them with --keys {keys}, or name another folder")
    if there:
        say(f"using the keys in {keys}")
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = ["# The keys whose signatures Liftgate trusts, and for what. Keep the private keys out of this repository."]
    for name, (principal, namespaces) in _PRINCIPALS.items():
        lines.append(signature.allowed_line(principal, namespaces, _public(keys / name)))
    return "\n".join(lines) + "\n"


def known_keys(keys: Path, allowed: str) -> Path | None:
    """The folder, if the repository allows the keys in it; else None."""
    try:
        mine = {_public(keys / name) for name in _PRINCIPALS if (keys / name).exists()}
        signers = {signer.key for signer in read_allowed(allowed)}
    except (Misconfigured, OSError):
        return None
    return keys if len(mine) == len(_PRINCIPALS) and mine <= signers else None


def _public(path: Path) -> bytes:
    if path.exists():
        return signature.public_bytes(signature.read_private_key(path.read_text(), str(path)))
    key = new_key()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w") as file:  # noqa: PTH123  pathlib cannot open a handle
        file.write(as_text(key))
    return signature.public_bytes(key)
