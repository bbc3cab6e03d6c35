"""Reading and writing objects of one git directory: files at a commit, history, and signed commits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from liftgate.domain.commits import raw_commit, signature
from liftgate.domain.commits.unsigned_commit import signed_commit, unsigned_commit
from liftgate.domain.common.value import Value
from liftgate.errors import LiftgateError, Refused
from liftgate.integrations.git.ancestry import NEAR, first_parents, near_ancestor
from liftgate.integrations.git.git_directory import has_no_ref
from liftgate.integrations.git.index import Index
from liftgate.integrations.git.kept_answers import kept_answer, known_answer
from liftgate.integrations.git.object_reader import Object, ObjectReader, batch
from liftgate.integrations.git.object_writer import stored_commit, stored_tree, tree_id
from liftgate.integrations.git.process import NOT_RENEWED, Git, Result, SignIn
from liftgate.integrations.git.questions import ancestor_question, log_question
from liftgate.integrations.git.ssh import Ssh
from liftgate.integrations.git.trees import FOLDER, ODD, Tree, by_step, files_below, listed_files, not_plain, read_tree

if TYPE_CHECKING:
    from liftgate.domain.commits.signature import SigningKey
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SHAS = re.compile(rf"(({_SHA.pattern})\.\.)?({_SHA.pattern})")
_FEW: Final = 100
"""Objects that are asked of the process that stays; more are quicker by a process for all of them."""
_REMEMBERED = 64
"""Files, of a few kilobytes each."""
_NO_TEXT = re.compile("[\ud800-\udfff]")


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
    """Unproven: only `history` decides whether what it says of a promotion is true."""
    author: str = ""
    """The author's name, for people: nothing proves it."""
    is_readable: bool = True
    """Of one that is not, the message says why, and `when` is 1970."""


class Author(Value):
    """Who the commits are by, and the key that signs them (None: unsigned, for people's own clones)."""

    name: str
    email: str


class Repository:
    def __init__(
        self,
        directory: Path,
        environment: Mapping[str, str] | None = None,
        ssh: Ssh | None = None,
        *,
        renewed: SignIn = NOT_RENEWED,
    ) -> None:
        self.git = Git(directory, environment, ssh=ssh, renewed=renewed)
        self.index = Index(self.git.directory)
        self._reader = ObjectReader(self.git)
        self._file = lru_cache(maxsize=_REMEMBERED)(self._read_file)
        self._modes = lru_cache(maxsize=_REMEMBERED)(self._read_modes)

    def resolve(self, ref: str) -> str:
        """The commit a full ref name or SHA means; an empty string when there is none."""
        return self._parsed(f"{ref}^{{commit}}")

    def file(self, commit: str, path: str) -> File | None:
        """The file at the commit, or None. At a commit's SHA it never changes, so it is read once.

        Raises Refused for a link or a submodule: it may lead out of the repository, and Argo CD would follow it.
        """
        return self._file(commit, path) if _SHA.fullmatch(commit) else self._read_file(commit, path)

    def _read_file(self, commit: str, path: str) -> File | None:
        if self._mode(commit, path) is None:
            return None
        (found,) = self._objects([f"{commit}:{path}"])
        return File(path=path, data=found.data, blob=found.id) if found and found.kind == "blob" else None

    def check_plain_file(self, commit: str, path: str) -> None:
        """Raises Refused when the path, or a folder above it, is a link or a submodule."""
        self._mode(commit, path)

    def _mode(self, commit: str, path: str) -> int | None:
        """None where nothing is there, or no such commit."""
        modes, at, mode = self._modes if _SHA.fullmatch(commit) else self._read_modes, "", None
        for name in PurePosixPath(path).parts:
            try:
                mode = modes(commit, at).get(name.encode(errors="surrogateescape"))
            except KeyError:
                return None
            at = f"{at}/{name}" if at else name
            if mode in ODD:
                raise Refused(not_plain(path, at, ODD[mode]))
            if mode != FOLDER:
                return mode if at == str(PurePosixPath(path)) else None
        return mode

    def _read_modes(self, commit: str, folder: str) -> Mapping[bytes, int]:
        """By name, of all that is in a folder that the commit has. Raises KeyError for what is no commit (yet)."""
        name = f"{commit}:{folder}"
        (found,) = self._objects([name])
        if found is None:
            if self.resolve(commit):
                raise self._missing(name)
            raise KeyError(commit)
        return {name: entry.mode for name, entry in read_tree(found).items()}

    def object_id(self, commit: str, path: str) -> str:
        """Id of the blob or tree at the path; an empty string when nothing is there."""
        known, by_folders = self._reader.id(f"{commit}:{path}"), bool(path and _SHA.fullmatch(commit))
        with suppress(Refused):  # they are here also where a file is not, and need no process to say that none is there
            if not known and by_folders and self._mode(commit, path) is None:
                return ""
        return known or self._parsed(f"{commit}:{path}")

    def paths(self, commit: str, under: str) -> list[tuple[str, str]]:
        """(path, blob id) of every file below the folder whose name is text."""
        found = files_below(self._all_there, commit, under)
        if found is None:
            below = [f"{under}/"] if under else []
            found = listed_files(self._read("ls-tree", "-r", "-z", "--full-tree", commit, "--", *below))
        return [(path, blob) for path, blob in found if not _NO_TEXT.search(path)]

    def blobs(self, ids: Iterable[str]) -> list[bytes]:
        """Contents of many blobs by one process, in the order asked. Raises Unavailable for one that is not there."""
        return [found.data for found in self._all_there(list(ids))]

    def objects(self, names: Iterable[str]) -> list[bytes | None]:
        """Contents of many objects (ids, or `COMMIT:PATH`) by one process, in the order asked; None where none is."""
        return [found.data if found else None for found in self._objects(list(names))]

    def ask_ahead(self, names: Sequence[str]) -> None:
        """What is here of these is soon read one by one, then without waiting for git."""
        self._reader.objects(names)

    def is_ancestor(self, older: str, newer: str) -> bool:
        at = self.resolve(newer) if newer.startswith("refs/") else newer
        asked, of, near = ancestor_question(older, at or newer), (older, at), None
        if all(map(_SHA.fullmatch, of)) and not known_answer(self.git, *asked):
            near = near_ancestor(self._reader.object, older, at)
        return self._ask(*asked, of=of, no=1).status == 0 if near is None else near

    def log(self, ref: str, *, paths: Sequence[str] = (), grep: str = "", limit: int = 0) -> list[Commit]:
        """First-parent history, newest first: what happened on the branch, one line of it per merge."""
        if not paths and not grep and 0 < limit <= NEAR and ".." not in ref:
            near = first_parents(self._reader.object, self.resolve(ref), limit)
            if near:
                return [_commit_of(each.id, each) for each in near]
        listed = self._ask(*log_question(ref, paths, grep, limit), of=[ref]).out
        return self.commits(listed.decode().split())

    def touching(self, base: str, source: str, paths: Sequence[str], limit: int) -> list[str]:
        """Commits after the base that touched a path, newest first, at most so many; those of merged branches too."""
        until = [f"^{base}"] if base else []
        asked = ("rev-list", f"-n{limit}", "--end-of-options", source, *until, "--", *paths)
        return self._ask(*asked, of=(source, base or source)).out.decode().split()

    def commits(self, ids: Sequence[str]) -> list[Commit]:
        """Many commits by one process; one that cannot be read is no failure of the others."""
        return [_commit_of(sha, each) for sha, each in zip(ids, self._all_there(ids), strict=True)]

    def write(
        self,
        parent: str,
        files: Mapping[str, bytes | None],
        message: str,
        when: datetime,
        author: Author,
        key: SigningKey | None,
    ) -> str:
        """A commit on the parent ("" for none) with the files set (None: removed); its SHA.

        Deterministic: the same arguments make the same SHA, so that a repetition is no second commit.
        """
        return self.commit_tree(self.tree_with(parent, files), [parent] if parent else [], message, when, author, key)

    def tree_with(self, parent: str, files: Mapping[str, bytes | None]) -> str:
        """The id of the parent's tree with the files set. Raises Refused for a path that no commit can have."""
        return stored_tree(self.git, self._all_there, self._root(parent), files)

    def tree_id_with(self, parent: str, files: Mapping[str, bytes | None]) -> str:
        """The same to compare it with: nothing is stored."""
        return tree_id(self.git, self._all_there, self._root(parent), files)

    def _root(self, parent: str) -> Object | None:
        return next(self._all_there([f"{parent}^{{tree}}"])) if parent else None

    def trees(self, ids: Sequence[str]) -> list[Tree]:
        """What each of the folders has; nothing for what is no folder. Raises Unavailable for one that is not there."""
        return [read_tree(each) for each in self._all_there(ids)]

    def commit_tree(
        self,
        tree: str,
        parents: list[str],
        message: str,
        when: datetime,
        author: Author,
        key: SigningKey | None,
    ) -> str:
        data = unsigned_commit(tree, parents, message, when=when, name=author.name, email=author.email)
        if key:
            data = signed_commit(data, signature.sign(data, key, signature.COMMITS))
        return stored_commit(self.git, data)

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """The tree of a 3-way merge of two commits, or None when they conflict (git-merge-tree(1))."""
        result = self.git.run("merge-tree", "--write-tree", "--no-messages", "-z", ours, theirs)  # it stores the tree
        if result.status not in (0, 1):
            raise self._failed("merge-tree", result)
        return result.out.decode().split("\0", 1)[0] if result.status == 0 else None

    def changes(self, steps: Sequence[tuple[str, str]]) -> list[bytes]:
        """For each pair of a newer and an older commit what differs, as git lists it: modes, blobs and paths. Empty
        where nothing differs, or one of the two is not there (in a clone without its history)."""
        there = [found is not None for found in self.objects(sha for step in steps for sha in step)]
        known = [step for step, *pair in zip(steps, there[::2], there[1::2], strict=True) if all(pair)]
        asked = "".join(f"{newer} {older}\n" for newer, older in known).encode()
        arguments = ("diff-tree", "--stdin", "-r", "-z", "--raw", "--no-renames", "--always")
        found = dict(zip(known, by_step(self._read(*arguments, stdin=asked) if known else b""), strict=True))
        return [found.get(step, b"") for step in steps]

    def _parsed(self, expression: str) -> str:
        """The object id that it means; an empty string when there is none."""
        if known := self._reader.id(expression):
            return known
        if has_no_ref(self.git.directory, expression):  # such as the ledger's branch before the first promotion
            return ""
        result = self.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", expression)
        return result.out.decode().strip() if result.status == 0 else ""

    def _all_there(self, ids: Sequence[str]) -> Iterator[Object]:
        for asked, found in zip(ids, self._objects(ids), strict=True):
            if found is None:
                raise self._missing(asked)
            yield found

    def _objects(self, names: Sequence[str]) -> list[Object | None]:
        """Each in the order asked; None for one that is not there."""
        few = names[:_FEW]
        here = dict(zip(few, self._reader.objects(few), strict=True))
        others = self._by_one_process([name for name in names if not here.get(name)])
        return [here.get(name) or next(others) for name in names]

    def _by_one_process(self, names: Sequence[str]) -> Iterator[Object | None]:
        """By one process, which fetches what is not here."""
        if not names:
            return
        asked = "".join(f"{name}\0" for name in names).encode(errors="surrogateescape")
        yield from batch(names, self._read("cat-file", "--batch", "-z", stdin=asked))

    def _ask(self, *arguments: str, of: Sequence[str], no: int = 0) -> Result:
        """With status 0, or `no`. Where it is of SHAs (or of what lies between two), it is asked once."""
        known = all(map(_SHAS.fullmatch, of))
        result = kept_answer(self.git, *arguments) if known else self.git.run(*arguments)
        if result.status not in (0, no):
            raise self._failed(arguments[0], result)
        return result

    def _read(self, *arguments: str, stdin: bytes = b"") -> bytes:
        result = self.git.run(*arguments, stdin=stdin)
        if result.status:
            raise self._failed(arguments[0], result)
        return result.out

    def _missing(self, name: str) -> LiftgateError:
        return self._failed("cat-file", Result(status=1, out=b"", err=f"error: {name} is missing".encode()))

    def _failed(self, verb: str, result: Result) -> LiftgateError:
        """The error of a reading that failed: what cannot be read is never taken for what is not there."""
        return result.failure(verb)


def _commit_of(sha: str, found: Object) -> Commit:
    is_one = found.kind == "commit"
    raw = raw_commit.read_raw_commit(found.data) if is_one else raw_commit.unreadable(f"it is no commit ({found.kind})")
    return Commit(sha=sha, **raw.model_dump())
