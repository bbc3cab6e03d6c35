"""Which commits of a branch stand for promotions, in spans of some thousand commits that the index keeps.

What the history of a commit says never changes: so a span's key is its newest commit, and a rewritten branch has other
spans. A span ends before the next commit whose id is a multiple of EVERY, wherever the branch is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from liftgate.integrations.git.remembered_facts import RememberedFacts
from liftgate.integrations.git.repository import Commit, Repository

EVERY: Final = 1024
_SPANS, _NEWEST, _CHAINS = "spans of the branch", "newest spans of the branch", "chains of spans"
_MARKS: Final = f"marks of {_SPANS}"
_PARTS: Final = 16
"""Into which the marks of a span that stays are divided: of a long past, a question reads one part for each word."""
_KEPT: Final = 20
"""Spans that begin at a commit which was the newest once."""
_FIRST: Final = 10
"""Commits that are read at once; then more, as a longer way is to be expected."""
_remembered: Final = RememberedFacts(most=4096)
"""All but most rows, which are long."""


class Row(NamedTuple):
    sha: str
    promotion: str
    application: str
    environment: str


Facts = dict[tuple[str, str], bytes]
"""All of one span by kind and key: what follows it, a mark of each word in its rows, and the rows. Most questions need
to read no rows."""
Prove = Callable[[Sequence[Commit]], list[Row]]
"""Those of the commits, newest first, that stand for a promotion."""


def is_indexed(repository: Repository) -> bool:
    """Whether questions about a branch are answered from spans. A shallow clone can have more history tomorrow."""
    folder = repository.git.directory
    return repository.index.is_possible and not any(map(Path.exists, (folder / "shallow", folder / ".git" / "shallow")))


def promotion_rows(repository: Repository, head: str, prove: Prove, words: Sequence[str] = ()) -> Iterator[Row]:
    """In the history of the commit `head`, newest first; only those that have one of the words, if any are given.

    Raises Unavailable.
    """
    marks, wanted = [_mark(word) for word in words], [json.dumps(word).encode() for word in words]
    for at in _heads(repository, head, prove, marks):
        if words and not any(mark in _marks(repository, at, prove, mark) for mark in marks):
            continue
        text = _rows(repository, at, prove)
        for line in _lines_with(text, wanted) if wanted else text.splitlines():
            row = Row(*json.loads(line))
            if not wanted or {*row}.intersection(words):
                yield row


def _lines_with(text: bytes, words: Sequence[bytes]) -> Iterator[bytes]:
    """Those of the lines that have one of the words: few, of a long text."""
    found = sorted({text.rfind(b"\n", 0, at) + 1 for word in words for at in _places(text, word)})
    for begin in found:
        yield text[begin : text.find(b"\n", begin)]


def _places(text: bytes, word: bytes) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _heads(repository: Repository, head: str, prove: Prove, marks: Sequence[bytes]) -> Iterator[str]:
    """The commits that the spans begin with, newest first."""
    yield head
    if following := _next(repository, head, prove):
        chain = _chain(repository, following, prove)
        _known(repository, _MARKS, [_part(at, mark) for at in chain for mark in marks])  # for all of them by one look
        yield from chain


def _chain(repository: Repository, head: str, prove: Prove) -> Sequence[str]:
    """The same from a span that stays: all of them are known by one look into the index, however many there are."""
    new, at, rest = list[str](), head, list[str]()
    while at and not rest:
        if not (rest := _known(repository, _CHAINS, [at]).get(at, b"").decode().split()):
            new.append(at)
            at = _next(repository, at, prove)
    chain = [*new, *rest]
    if new:
        _remembered.keep(repository.index, _CHAINS, {head: " ".join(chain).encode()}, newest=_KEPT)
    return chain


def _next(repository: Repository, head: str, prove: Prove) -> str:
    """The commit that the next span begins with; empty where there are no older commits."""
    return _fact(repository, head, prove, (_kind(head), head)).partition(b"\n")[0].decode()


def _marks(repository: Repository, head: str, prove: Prove, mark: bytes) -> bytes:
    """Those among which the mark is, if a row of the span has the word."""
    if _is_first(head):
        return _fact(repository, head, prove, (_MARKS, _part(head, mark)))
    return _fact(repository, head, prove, (_NEWEST, head)).partition(b"\n")[2]


def _rows(repository: Repository, head: str, prove: Prove) -> bytes:
    """A line of JSON for each commit that stands for a promotion, newest first."""
    return _fact(repository, head, prove, (f"rows of {_kind(head)}", head))


def _fact(repository: Repository, head: str, prove: Prove, name: tuple[str, str]) -> bytes:
    kind, key = name
    known = _known(repository, kind, [key])
    return known[key] if key in known else _made(repository, head, prove)[name]


def _made(repository: Repository, head: str, prove: Prove) -> Facts:
    rows, at, size, following, more = list[Row](), head, _FIRST, "", b""
    while at:
        commits = repository.log(at, limit=size)
        others = [commit.sha for commit in commits if commit.sha != head]
        known = _known(repository, _NEWEST, [sha for sha in others if not _is_first(sha)])
        stop = next((sha for sha in others if _is_first(sha) or sha in known), "")
        until = next((number for number, commit in enumerate(commits) if commit.sha == stop), len(commits))
        rows += prove(commits[:until])
        if stop:
            following = _next(repository, stop, prove) if stop in known else stop
            more = _rows(repository, stop, prove) if stop in known else b""
            break
        at, size = next(iter(commits[-1].parents), ""), min(4 * size, EVERY)
    facts = _facts(head, following, b"".join(json.dumps(row).encode() + b"\n" for row in rows) + more)
    for kind in {kind for kind, _ in facts}:
        mine = {key: fact for (of, key), fact in facts.items() if of == kind}
        _remembered.keep(repository.index, kind, mine, newest=0 if _is_first(head) else _KEPT)
    return facts


def _facts(head: str, following: str, lines: bytes) -> Facts:
    marks = sorted({_mark(word) for line in lines.splitlines() for word in json.loads(line)})
    made = {(f"rows of {_kind(head)}", head): lines}
    if not _is_first(head):
        return made | {(_NEWEST, head): following.encode() + b"\n" + b"".join(marks)}
    parts = {_part(head, bytes([number])): b"" for number in range(_PARTS)}
    for mark in marks:
        parts[_part(head, mark)] += mark
    return made | {(_SPANS, head): following.encode(), **{(_MARKS, part): fact for part, fact in parts.items()}}


def _known(repository: Repository, kind: str, keys: Sequence[str]) -> dict[str, bytes]:
    return _remembered.known(repository.index, kind, keys)


def _mark(word: str) -> bytes:
    """A word that has the mark of another one costs only a look at the rows."""
    return blake2b(word.encode(errors="surrogatepass"), digest_size=6).digest()


def _part(head: str, mark: bytes) -> str:
    """The key of those marks of a span that stays among which this one is, if it is there."""
    return f"{head} {mark[0] % _PARTS}"


def _kind(head: str) -> str:
    """Of the span that begins with this commit."""
    return _SPANS if _is_first(head) else _NEWEST


def _is_first(sha: str) -> bool:
    return int(sha, 16) % EVERY == 0
