"""A person's commit in the sandbox's forge, as if pushed: by one git process instead of some thirty."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from liftgate.domain.common.plain import printable
from liftgate.integrations.git.repository import Author, Repository
from tests.examples import NOW

if TYPE_CHECKING:
    from liftgate_sandbox.forge import Forge

    from liftgate.domain.commits.signature import PrivateKey


class Link(bytes):
    """The text of a symbolic link, as a file's content."""


MAIN: Final = "refs/heads/main"
AUTHOR: Final = Author(name="Liftgate", email="liftgate@example.com")


def commit_and_push(
    forge: Forge,
    repository: str,
    login: str,
    files: Mapping[str, bytes | None],
    message: str,
    key: PrivateKey | None = None,
    *,
    author: Author = AUTHOR,
) -> str:
    """The SHA; webhooks and pull requests follow as after any push of that person."""
    bare = forge.bare(repository)
    head = bare.ref(MAIN) or ""
    sha = commit(bare.path, files, message, key, parent=head, author=author)
    forge.pushed(repository, login, MAIN, head, sha)
    return sha


def branch_and_push(
    forge: Forge,
    repository: str,
    login: str,
    branch: str,
    files: Mapping[str, bytes | None],
    author: Author,
) -> None:
    """The same on a new branch that begins at main."""
    bare, ref = forge.bare(repository), f"refs/heads/{branch}"
    parent = bare.ref(MAIN) or ""
    sha = _imported(bare.path, b"".join(_commands(files, "Mine\n", parent, ref, author)))
    forge.pushed(repository, login, ref, "", sha)


def commit(
    bare: Path,
    files: Mapping[str, bytes | None],
    message: str,
    key: PrivateKey | None = None,
    *,
    parent: str = "",
    author: Author = AUTHOR,
) -> str:
    """On main; a file with None is removed. The same arguments make the same commit."""
    if key is None:
        return _imported(bare, b"".join(_commands(files, message, parent, MAIN, author)))
    repository = Repository(bare)
    sha = repository.write(parent, files, message, NOW, author, key)
    repository.git("update-ref", MAIN, sha)
    return sha


def _commands(
    files: Mapping[str, bytes | None], message: str, parent: str, ref: str, author: Author
) -> Iterator[bytes]:
    """Of git-fast-import(1)."""
    who = f"{author.name} <{author.email}> {int(NOW.timestamp())} +0000"
    yield f"commit {ref}\nmark :1\nauthor {who}\ncommitter {who}\n".encode() + _data(printable(message).encode())
    yield f"from {parent}\n".encode() if parent else b""
    for path, content in files.items():
        quoted = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        name = f'"{quoted}"\n'.encode(errors="surrogateescape")
        mode = b"120000" if isinstance(content, Link) else b"100644"
        yield b"D " + name if content is None else b"M " + mode + b" inline " + name + _data(content)
    yield b"\nget-mark :1\ndone\n"


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _imported(bare: Path, commands: bytes) -> str:
    command = ["git", "-C", str(bare), "fast-import", "--quiet", "--done"]
    done = subprocess.run(command, input=commands, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().strip()
