"""The keys that count for commits, as many commits of the main branch have them: read by a few git processes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from liftgate.domain.commits import allowed_signers
from liftgate.domain.commits.allowed_signers import ALLOWED_SIGNERS, Signer
from liftgate.integrations.git.openpgp import GPG_KEYS
from liftgate.integrations.git.repository import Repository

KEY_PATHS: Final = (ALLOWED_SIGNERS, GPG_KEYS)
_LARGEST: Final = 200
"""OpenPGP keys that are read."""


class Keys(NamedTuple):
    id: str
    """Of the content of the files."""
    signers: tuple[Signer, ...] = ()
    openpgp: tuple[tuple[str, bytes], ...] = ()
    """Path and content of each file of OpenPGP keys."""


NO_KEYS: Final = Keys("")


def read_keys(repository: Repository, commits: Iterable[str]) -> Mapping[str, Keys]:
    """By commit; each content is read once. Raises Unavailable."""
    listed = list(dict.fromkeys(commits))
    if not listed:
        return {}
    asked = "".join(f"{commit}:{path}\n" for commit in listed for path in KEY_PATHS).encode()
    out = repository.git("cat-file", "--batch-check=%(objecttype) %(objectname)", stdin=asked)
    words = [line.split(" ") for line in out.splitlines()]
    blobs = [row[1] if row[0] == "blob" else "" for row in words[::2]]
    trees = [row[1] if row[0] == "tree" else "" for row in words[1::2]]
    ids = list(dict.fromkeys(filter(None, blobs)))
    signers = {blob: _signers(data) for blob, data in zip(ids, repository.blobs(ids), strict=True)} | {"": ()}
    openpgp = {tree: _openpgp(repository, tree) if tree else () for tree in dict.fromkeys(trees)}
    places = zip(listed, blobs, trees, strict=True)
    return {commit: Keys(f"{blob} {tree}", signers[blob], openpgp[tree]) for commit, blob, tree in places}


@lru_cache(maxsize=16)
def _signers(data: bytes) -> tuple[Signer, ...]:
    """The legal lines: an illegal one of that day takes nothing from the others."""
    return allowed_signers.readable(data.decode(errors="replace"))


@lru_cache(maxsize=16)
def _openpgp(repository: Repository, tree: str) -> tuple[tuple[str, bytes], ...]:
    listed = repository.paths(tree, "")[:_LARGEST]
    contents = repository.blobs(blob for _, blob in listed)
    return tuple((path, data) for (path, _), data in zip(listed, contents, strict=True))
