"""Reading and writing objects of one git directory: files at a commit, history, and signed commits."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from liftgate.domain import signature
from liftgate.domain.message import read_trailers
from liftgate.domain.value import Value
from liftgate.integrations.git.process import Git, failure

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_BLOB = re.compile(rb"(?P<id>[0-9a-f]+) blob (?P<size>\d+)")
_FORMAT = "--format=%H%x00%P%x00%ct%x00%B%x1e"


class File(Value):
    """A file at a commit, with the id of its blob."""

    path: str
    data: bytes
    blob: str


class Commit(Value):
    sha: str
    parents: tuple[str, ...]
    when: datetime
    message: str

    @property
    def trailers(self) -> Mapping[str, tuple[str, ...]]:
        return read_trailers(self.message)

    def trailer(self, key: str) -> str:
        """The first value of the trailer, or an empty string."""
        return next(iter(self.trailers.get(key, ())), "")


class Author(Value):
    """Who the commits are by, and the key that signs them (None: unsigned, for people's own clones)."""

    name: str
    email: str


class Repository:
    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.git = Git(directory, environment)

    def resolve(self, ref: str) -> str:
        """The commit a full ref name or SHA means; an empty string when there is none."""
        result = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        return result.out.decode().strip() if result.status == 0 else ""

    def file(self, commit: str, path: str) -> File | None:
        """The file at the commit, or None."""
        out = self.git.run("cat-file", "--batch", "-z", stdin=f"{commit}:{path}\0".encode()).out
        head, _, data = out.partition(b"\n")
        if not (found := _BLOB.fullmatch(head)):
            return None
        return File(path=path, data=data[: int(found["size"])], blob=found["id"].decode())

    def object_id(self, commit: str, path: str) -> str:
        """Id of the blob or tree at the path; an empty string when nothing is there."""
        result = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}:{path}")
        return result.out.decode().strip() if result.status == 0 else ""

    def paths(self, commit: str, under: str) -> list[tuple[str, str]]:
        """(path, blob id) of every file below the folder."""
        listing = self.git("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{under}/")
        rows = (row.partition("\t") for row in listing.split("\0") if row)
        return [(path, meta.split()[2]) for meta, _, path in rows if meta.split()[1] == "blob"]

    def blobs(self, ids: Iterable[str]) -> list[bytes]:
        """Contents of many blobs by one process, in the order asked."""
        wanted = list(ids)
        out = self.git.run("cat-file", "--batch", stdin="".join(f"{i}\n" for i in wanted).encode()).out
        contents, at = [], 0
        for _ in wanted:
            end = out.index(b"\n", at)
            size = int(out[at:end].split()[2])
            contents.append(out[end + 1 : end + 1 + size])
            at = end + size + 2
        return contents

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.git.run("merge-base", "--is-ancestor", older, newer).status == 0

    def log(self, ref: str, *, path: str = "", grep: str = "", limit: int = 0) -> list[Commit]:
        """First-parent history, newest first: what happened on the branch, one line of it per merge."""
        arguments = ["log", "--first-parent", _FORMAT, *([f"-n{limit}"] if limit else [])]
        if grep:
            arguments += ["--fixed-strings", f"--grep={grep}"]
        out = self.git(*arguments, "--end-of-options", ref, *(["--", path] if path else []))
        return [_commit(record) for record in out.split("\x1e") if record.strip()]

    def write(
        self,
        parent: str,
        files: Mapping[str, bytes | None],
        message: str,
        when: datetime,
        author: Author,
        key: Ed25519PrivateKey | None,
    ) -> str:
        """A commit on the parent ("" for none) with the files set (None: removed); its SHA.

        Deterministic: the same arguments make the same SHA, so that a repetition is no second commit.
        """
        return self.commit_tree(self.tree_with(parent, files), [parent] if parent else [], message, when, author, key)

    def tree_with(self, parent: str, files: Mapping[str, bytes | None]) -> str:
        with tempfile.TemporaryDirectory() as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
            if parent:
                self.git("read-tree", parent, extra=index)
            lines = []
            for path, data in files.items():
                blob = "0" * 40 if data is None else self.git("hash-object", "-w", "--stdin", stdin=data)
                lines.append(f"{'0' if data is None else '100644'} {blob}\t{path}\0")
            self.git("update-index", "-z", "--index-info", stdin="".join(lines).encode(), extra=index)
            return self.git("write-tree", "--missing-ok", extra=index)

    def commit_tree(
        self,
        tree: str,
        parents: list[str],
        message: str,
        when: datetime,
        author: Author,
        key: Ed25519PrivateKey | None,
    ) -> str:
        person = f"{author.name} <{author.email}> {int(when.timestamp())} +0000"
        head = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {person}", f"committer {person}"]
        unsigned = "\n".join(head) + "\n\n" + message
        if key:
            armoured = signature.sign(unsigned.encode(), key, signature.COMMITS).rstrip("\n")
            head.append("gpgsig " + armoured.replace("\n", "\n "))
        data = "\n".join(head) + "\n\n" + message
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=data.encode())

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of a 3-way merge of two commits, or None when they conflict (git-merge-tree(1))."""
        result = self.git.run("merge-tree", "--write-tree", "--no-messages", ours, theirs)
        if result.status not in (0, 1):
            raise failure("merge-tree", result.err)
        return result.out.decode().split("\n", 1)[0] if result.status == 0 else None


def _commit(record: str) -> Commit:
    sha, parents, when, message = record.strip("\n").split("\0", 3)
    moment = datetime.fromtimestamp(int(when), UTC)
    return Commit(sha=sha, parents=tuple(parents.split()), when=moment, message=message)
