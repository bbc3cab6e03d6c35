"""The two private keys of a repository: made outside of it, and never taken from another one without a word."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from liftgate.cli.answer import say
from liftgate.domain import signature
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.keys import as_text, new_key

WORKER, GATEHOUSE = "worker_key", "gatehouse_key"
_PRINCIPALS: Final = {
    WORKER: ("liftgate@localhost", (signature.COMMITS, signature.LEDGER)),
    GATEHOUSE: ("gatehouse@localhost", (signature.VOTES, signature.DRIFT)),
}


def allowed_signers(keys: Path, repository: Path, *, is_named: bool) -> str:
    """Who may sign, for the public halves of the two keys, which are made where there are none.

    Those that are there belong to something else, so they are taken only where the user named the folder.
    """
    if keys.is_relative_to(repository):
        raise Refused(f"{keys} lies in the repository, where private keys never belong; name another place with --keys")
    there = [name for name in _PRINCIPALS if (keys / name).exists()]
    if there and not is_named:
        raise Refused(f"there are keys in {keys} already; take them with --keys {keys}, or name another folder")
    if there:
        say(f"takes the keys that are in {keys}")
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = ["# Whose signatures Liftgate believes, and for what; the private halves are no part of this repository."]
    for name, (principal, namespaces) in _PRINCIPALS.items():
        lines.append(signature.allowed_line(principal, namespaces, _public(keys / name)))
    return "\n".join(lines) + "\n"


def known_keys(keys: Path, allowed: str) -> Path | None:
    """The folder, if the keys in it are those that the repository allows."""
    try:
        mine = {_public(keys / name) for name in _PRINCIPALS if (keys / name).exists()}
        signers = {signer.key for signer in signature.read_allowed(allowed)}
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
