"""How files changed along a branch, within limits: for a look at a long history that ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from liftgate.errors import Unavailable
from liftgate.integrations.git.main_line import is_shallow
from liftgate.integrations.git.repository import Repository

COMMITS: Final = 3000
"""Commits of the branch that are looked at, from the newest."""
BYTES: Final = 32 * 1024 * 1024
"""Size of all versions of the files that are read."""


@dataclass(frozen=True)
class FileChange:
    """`before` is None for a new file, `after` for a removed one, and both for what is not there to read."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class FileCommit:
    sha: str
    changes: tuple[FileChange, ...]


@dataclass(frozen=True)
class FileHistory:
    """Oldest first."""

    commits: tuple[FileCommit, ...]
    is_cut: bool
    """Whether there are older commits that were not read."""


_REGULAR: Final = ("100644", "100755")
Raw = tuple[str, list[tuple[str, str, str]]]
"""A commit, and (path, old blob, new blob) of each file it changed."""


def tree_files(repository: Repository, commit: str) -> tuple[dict[str, str], list[str]]:
    """Blob id by path of every file whose name is text, and the paths of symbolic links and submodules."""
    listing = repository.git.run("ls-tree", "-r", "-z", "--full-tree", commit)
    if listing.status:
        raise Unavailable(f"git cannot list the files of {commit[:12]}")
    rows = (row.partition(b"\t") for row in listing.out.split(b"\0") if row)
    found = [(path.decode(errors="replace"), meta.decode().split()) for meta, _, path in rows]
    named = [(path, words) for path, words in found if "\N{REPLACEMENT CHARACTER}" not in path]
    files = {path: words[2] for path, words in named if words[0] in _REGULAR}
    return files, [path for path, _ in named if path not in files]


def file_history(repository: Repository, head: str, paths: Collection[str], limit: int = COMMITS) -> FileHistory:
    """First-parent history of regular files. Raises Unavailable if git cannot read it."""
    listed = repository.git("rev-list", "--first-parent", "--parents", f"-n{limit + 1}", head).splitlines()
    pairs = [(words[0], words[1]) for words in map(str.split, listed[:limit]) if len(words) > 1]
    raw = list(_raw(repository, pairs, frozenset(paths)))
    kept, blobs = _within(repository, raw)
    commits = tuple(
        FileCommit(sha, tuple(FileChange(path, blobs.get(old), blobs.get(new)) for path, old, new in files))
        for sha, files in reversed(kept)
    )
    return FileHistory(commits, is_cut=len(listed) > limit or len(kept) < len(raw) or is_shallow(repository))


def _raw(repository: Repository, pairs: list[tuple[str, str]], paths: frozenset[str]) -> Iterator[Raw]:
    """Newest first: the commits that changed one of the files."""
    if not pairs:
        return
    asked = "".join(f"{sha} {parent}\n" for sha, parent in pairs).encode()
    result = repository.git.run(
        *("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--", "*.json"), stdin=asked
    )
    if result.status:
        raise Unavailable("git cannot read the history of this repository")
    fields = iter(result.out.decode(errors="surrogateescape").split("\0"))
    commits: list[Raw] = []
    for field in filter(None, fields):
        if not field.startswith(":"):
            commits.append((field, []))
            continue
        path, (_, mode, old, new, _kind) = next(fields), field.split(" ")
        if path in paths and mode in (*_REGULAR, "000000"):
            commits[-1][1].append((path, old, new))
    yield from ((sha, files) for sha, files in commits if files)


def _within(repository: Repository, raw: list[Raw]) -> tuple[list[Raw], dict[str, bytes]]:
    """The newest commits whose files are not too much to read, and the contents."""
    wanted = list(dict.fromkeys(blob for _, files in raw for _, *both in files for blob in both if set(blob) != {"0"}))
    sizes = dict(zip(wanted, _sizes(repository, wanted), strict=True))
    kept, read, left = list[Raw](), dict[str, int](), BYTES
    for sha, files in raw:
        new = {blob: sizes.get(blob, 0) for _, *both in files for blob in both if blob not in read}
        left -= sum(new.values())
        if left < 0:
            break
        read |= new
        kept.append((sha, files))
    blobs = [blob for blob in read if sizes.get(blob)]
    found = zip(blobs, repository.objects(blobs), strict=True)
    return kept, {blob: data for blob, data in found if data is not None}


def _sizes(repository: Repository, blobs: list[str]) -> list[int]:
    """0 for one that is not there, as in a partial clone."""
    if not blobs:
        return []
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    out = repository.git.run("cat-file", "--batch-check=%(objectsize)", stdin=asked).out.decode().splitlines()
    return [int(line) if line.isdecimal() else 0 for line in out]
