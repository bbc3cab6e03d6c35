"""Reading and writing objects of one git directory: files at a commit, history, and signed commits."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from liftgate.domain import raw_commit, signature
from liftgate.domain.plain import printable
from liftgate.domain.raw_commit import Raw
from liftgate.domain.value import Value
from liftgate.errors import LiftgateError
from liftgate.integrations.git.failure import failure
from liftgate.integrations.git.process import Git, Result

if TYPE_CHECKING:
    from liftgate.domain.signature import PrivateKey
_BLOB = re.compile(rb"(?P<id>[0-9a-f]+) blob (?P<size>\d+)")
_OBJECT = re.compile(rb"[0-9a-f]+ (?P<kind>[a-z]+) (?P<size>\d+)")
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REMEMBERED = 64
"""Files, of a few kilobytes each."""
_NO_TEXT = re.compile("[\ud800-\udfff]")
_CRUD = re.compile(r"[\r\n<>]")


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
    """As anybody may write it: what it says of a promotion is believed by `history` alone, or not at all."""
    author: str = ""
    """The author's name, for people: nothing proves it."""
    is_readable: bool = True
    """Of one that is not, the message says why, and `when` is 1970."""


class Author(Value):
    """Who the commits are by, and the key that signs them (None: unsigned, for people's own clones)."""

    name: str
    email: str


class Repository:
    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.git = Git(directory, environment)
        self._file = lru_cache(maxsize=_REMEMBERED)(self._read_file)

    def resolve(self, ref: str) -> str:
        """The commit a full ref name or SHA means; an empty string when there is none."""
        return self._parsed(f"{ref}^{{commit}}")

    def file(self, commit: str, path: str) -> File | None:
        """The file at the commit, or None. At a commit's SHA it never changes, so it is read once."""
        return self._file(commit, path) if _SHA.fullmatch(commit) else self._read_file(commit, path)

    def _read_file(self, commit: str, path: str) -> File | None:
        out = self._read("cat-file", "--batch", "-z", stdin=f"{commit}:{path}\0".encode())
        head, _, data = out.partition(b"\n")
        if not (found := _BLOB.fullmatch(head)):
            return None
        return File(path=path, data=data[: int(found["size"])], blob=found["id"].decode())

    def object_id(self, commit: str, path: str) -> str:
        """Id of the blob or tree at the path; an empty string when nothing is there."""
        return self._parsed(f"{commit}:{path}")

    def paths(self, commit: str, under: str) -> list[tuple[str, str]]:
        """(path, blob id) of every file below the folder whose name is text."""
        listing = self._read("ls-tree", "-r", "-z", "--full-tree", commit, "--", f"{under}/")
        rows = (row.partition("\t") for row in listing.decode(errors="surrogateescape").split("\0") if row)
        blobs = ((path, meta.split()[2]) for meta, _, path in rows if meta.split()[1] == "blob")
        return [(path, blob) for path, blob in blobs if not _NO_TEXT.search(path)]

    def blobs(self, ids: Iterable[str]) -> list[bytes]:
        """Contents of many blobs by one process, in the order asked. Raises Unavailable for one that is not there."""
        return [data for _, data in self._all_there(list(ids))]

    def objects(self, names: Iterable[str]) -> list[bytes | None]:
        """Contents of many objects (ids, or `COMMIT:PATH`) by one process, in the order asked; None where none is."""
        return [found[1] if found else None for found in self._objects(list(names))]

    def is_ancestor(self, older: str, newer: str) -> bool:
        result = self.git.run("merge-base", "--is-ancestor", older, newer)
        if result.status not in (0, 1):
            raise self._failed("merge-base", result)
        return result.status == 0

    def log(self, ref: str, *, path: str = "", grep: str = "", limit: int = 0) -> list[Commit]:
        """First-parent history, newest first: what happened on the branch, one line of it per merge."""
        arguments = ["rev-list", "--first-parent", *([f"-n{limit}"] if limit else [])]
        if grep:
            arguments += ["--fixed-strings", f"--grep={grep}"]
        listed = self._read(*arguments, "--end-of-options", ref, "--", *([path] if path else []))
        return self.commits(listed.decode().split())

    def commits(self, ids: Sequence[str]) -> list[Commit]:
        """Many commits by one process; one that cannot be read is no failure of the others."""
        found = zip(ids, self._all_there(ids), strict=True)
        return [Commit(sha=sha, **_commit(kind, data).model_dump()) for sha, (kind, data) in found]

    def write(
        self,
        parent: str,
        files: Mapping[str, bytes | None],
        message: str,
        when: datetime,
        author: Author,
        key: PrivateKey | None,
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
        key: PrivateKey | None,
    ) -> str:
        message = printable(message)
        name, email = (_CRUD.sub("", printable(text)).strip() for text in (author.name, author.email))
        person = f"{name} <{email}> {int(when.timestamp())} +0000"
        head = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {person}", f"committer {person}"]
        unsigned = "\n".join(head) + "\n\n" + message
        if key:
            armoured = signature.sign(unsigned.encode(), key, signature.COMMITS).rstrip("\n")
            head.append("gpgsig " + armoured.replace("\n", "\n "))
        data = "\n".join(head) + "\n\n" + message
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=data.encode())

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of a 3-way merge of two commits, or None when they conflict (git-merge-tree(1))."""
        result = self.git.run("merge-tree", "--write-tree", "--no-messages", "-z", ours, theirs)
        if result.status not in (0, 1):
            raise self._failed("merge-tree", result)
        return result.out.decode().split("\0", 1)[0] if result.status == 0 else None

    def _parsed(self, expression: str) -> str:
        """The object id that it means; an empty string when there is none."""
        result = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", expression)
        return result.out.decode().strip() if result.status == 0 else ""

    def _all_there(self, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        for asked, found in zip(ids, self._objects(ids), strict=True):
            if found is None:
                raise self._failed("cat-file", Result(status=1, out=b"", err=f"error: {asked} is missing".encode()))
            yield found

    def _objects(self, names: Sequence[str]) -> Iterator[tuple[str, bytes] | None]:
        """Kind and content of each, in the order asked; None for one that is not there."""
        if not names:
            return
        out, at = self._read("cat-file", "--batch", "-z", stdin="".join(f"{name}\0" for name in names).encode()), 0
        for _ in names:
            end = out.index(b"\n", at)
            found = _OBJECT.fullmatch(out, at, end)
            at = end + 1
            if found:
                size = int(found["size"])
                yield found["kind"].decode(), out[at : at + size]
                at += size + 1
            else:
                yield None

    def _read(self, *arguments: str, stdin: bytes = b"") -> bytes:
        result = self.git.run(*arguments, stdin=stdin)
        if result.status:
            raise self._failed(arguments[0], result)
        return result.out

    def _failed(self, verb: str, result: Result) -> LiftgateError:
        """The error of a reading that failed: what cannot be read is never taken for what is not there."""
        return failure(verb, result.err)


def _commit(kind: str, data: bytes) -> Raw:
    return raw_commit.read(data) if kind == "commit" else raw_commit.unreadable(f"it is no commit ({kind})")
