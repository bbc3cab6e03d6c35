"""Make a configuration repository: values, schema, Kubernetes and Argo CD manifests, `liftgate.json`, two keys.

What exists already is left as it is and listed, so that it can be called again.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from liftgate.cli.answer import Answer, paint
from liftgate.cli.folder import origin, put, templates
from liftgate.domain import scaffold, signature
from liftgate.domain.scaffold import ALLOWED_SIGNERS, Scaffold
from liftgate.errors import Misconfigured, Refused

KEYS: Final = {
    "folder": "the repository",
    "written": "the files that were made",
    "kept": "the files that were there already",
    "keys": "the folder with the two private keys; empty when none were made",
    "next": "what to do next",
}
WORKER, GATEHOUSE = "worker_key", "gatehouse_key"
_PRINCIPALS: Final = {
    WORKER: ("liftgate@localhost", (signature.COMMITS, signature.LEDGER)),
    GATEHOUSE: ("gatehouse@localhost", (signature.VOTES, signature.DRIFT)),
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", default=".", help="the repository's folder (here)")
    parser.add_argument("--application", metavar="NAME", default="example-app", help="its name (example-app)")
    parser.add_argument("--repo-url", metavar="URL", default="", help="where Argo CD clones it from (origin's address)")
    parser.add_argument("--environments", metavar="NAMES", default="dev,staging,prod", help="in the order of promotion")
    parser.add_argument("--keys", metavar="DIR", default="", help="where the keys go (DIR/../liftgate-keys)")


def run(given: Any) -> Answer:
    """Raises Refused for names that cannot be, Misconfigured where nothing can be written."""
    folder = Path(given.folder).resolve()
    url = given.repo_url or origin(folder) or "https://git.example.com/team/config.git"
    names = tuple(name.strip() for name in given.environments.split(",") if name.strip())
    if not names:
        raise Refused("at least one environment is needed: --environments dev,staging,prod")
    wanted = Scaffold(application=given.application, repository=url, environments=names)
    wanted.check()
    files = scaffold.files(wanted, templates())
    keys = Path(given.keys).resolve() if given.keys else folder.parent / "liftgate-keys"
    try:
        new_keys = not (folder / ALLOWED_SIGNERS).exists()
        files |= {ALLOWED_SIGNERS: allowed_signers(keys, folder)} if new_keys else {}
        written = [path for path, text in files.items() if put(folder / path, text)]
    except OSError as error:
        raise Misconfigured(f"{error.filename} cannot be written: {error.strerror}") from None
    kept = [path for path in (*files, ALLOWED_SIGNERS) if path not in written]
    return _answer(folder, written, sorted(set(kept)), keys if new_keys else None)


def allowed_signers(keys: Path, repository: Path) -> str:
    """Who may sign, for the public halves of the two keys; keys that exist are used again."""
    if keys.is_relative_to(repository):
        raise Refused(f"{keys} lies in the repository, where private keys never belong; name another place with --keys")
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = ["# Whose signatures Liftgate believes, and for what; the private halves are no part of this repository."]
    for name, (principal, namespaces) in _PRINCIPALS.items():
        lines.append(signature.allowed_line(principal, namespaces, _public(keys / name)))
    return "\n".join(lines) + "\n"


def _public(path: Path) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    if path.exists():
        return signature.public_bytes(signature.read_private_key(path.read_text(), str(path)))
    key = Ed25519PrivateKey.generate()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "wb") as file:  # noqa: PTH123  pathlib cannot open a handle
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    return signature.public_bytes(key)


def _answer(folder: Path, written: list[str], kept: list[str], keys: Path | None) -> Answer:
    variables = [
        *("LIFTGATE_REPOSITORY__URL", "LIFTGATE_REPOSITORY__TOKEN", "LIFTGATE_ARGOCD__URL", "LIFTGATE_ARGOCD__TOKEN"),
        f"LIFTGATE_WORKER__SIGNING_KEY={keys / WORKER if keys else 'FILE'}",
        f"LIFTGATE_GATEHOUSE__SIGNING_KEY={keys / GATEHOUSE if keys else 'FILE'}",
    ]
    steps = [
        f"git init -b main {folder} (unless it is one), commit and push it to where Argo CD can clone it",
        f"kubectl apply -f {folder / 'argocd'}",
        f"set {', '.join(variables)}; then: liftgate doctor, liftgate up",
    ]
    lines = [*(paint(f"+ {path}", "green") for path in written), *(f"= {path} (left as it is)" for path in kept)]
    lines += [f"keys in {keys}: keep them secret, they sign for Liftgate"] if keys else []
    lines += ["", "Next:", *(f"{number}. {step}" for number, step in enumerate(steps, 1))]
    data = {
        "folder": str(folder),
        "written": written,
        "kept": kept,
        "keys": str(keys) if keys else "",
        "next": steps,
    }
    return Answer("\n".join(lines), data)
