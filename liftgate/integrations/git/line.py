"""Which commits of a branch stand for promotions, in spans of some thousand commits that the index keeps.

What the history of a commit says never changes: so a span's key is its newest commit, and a rewritten branch has other
spans. A span ends before the next commit whose id is a multiple of EVERY, wherever the branch is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from liftgate.integrations.git.repository import Commit, Repository

EVERY: Final = 1024
_SPANS, _NEWEST, _CHAINS = "spans of the branch", "newest spans of the branch", "chains of spans"
_KEPT: Final = 20
"""Spans that begin at a commit which was the newest once."""
_FIRST: Final = 10
"""Commits that are read at once; then more, as a longer way is to be expected."""
_REMEMBERED: Final = 1024
_remembered: dict[str, Span] = {}


class Row(NamedTuple):
    sha: str
    promotion: str
    application: str
    environment: str


class Span(NamedTuple):
    next: str
    """The commit that the next span begins with; empty where there are no older commits."""
    marks: bytes
    """A mark of each word in its rows: most questions need to read no rows."""


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
    for at in _heads(repository, head, prove):
        span = _span(repository, at, prove)
        if not span.marks or (words and not any(mark in span.marks for mark in marks)):
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


def _heads(repository: Repository, head: str, prove: Prove) -> Iterator[str]:
    """The commits that the spans begin with, newest first."""
    yield head
    if following := _span(repository, head, prove).next:
        yield from _chain(repository, following, prove)


def _chain(repository: Repository, head: str, prove: Prove) -> Sequence[str]:
    """The same from a span that stays: all of them are known by two looks into the index, however many there are."""
    new, at, rest = list[str](), head, list[str]()
    while at and not rest:
        if not (rest := repository.index.known(_CHAINS, [at]).get(at, b"").decode().split()):
            new.append(at)
            at = _span(repository, at, prove).next
    chain = [*new, *rest]
    if new:
        repository.index.keep(_CHAINS, {head: " ".join(chain).encode()}, newest=_KEPT)
    _remember(_known(repository, _SPANS, [each for each in rest if each not in _remembered]))
    return chain


def _span(repository: Repository, head: str, prove: Prove) -> Span:
    if head not in _remembered:
        _remember(_known(repository, _kinds(head)[0], [head]) or {head: _made(repository, head, prove)[0]})
    return _remembered[head]


def _rows(repository: Repository, head: str, prove: Prove) -> bytes:
    """A line of JSON for each commit that stands for a promotion, newest first."""
    known = repository.index.known(_kinds(head)[1], [head])
    return known[head] if head in known else _made(repository, head, prove)[1]


def _made(repository: Repository, head: str, prove: Prove) -> tuple[Span, bytes]:
    """With its rows."""
    rows, at, size, following, more = list[Row](), head, _FIRST, "", b""
    while at:
        commits = repository.log(at, limit=size)
        others = [commit.sha for commit in commits if commit.sha != head]
        known = _known(repository, _NEWEST, [sha for sha in others if not _is_first(sha)])
        stop = next((sha for sha in others if _is_first(sha) or sha in known), "")
        until = next((number for number, commit in enumerate(commits) if commit.sha == stop), len(commits))
        rows += prove(commits[:until])
        if stop:
            following = known[stop].next if stop in known else stop
            more = _rows(repository, stop, prove) if stop in known else b""
            break
        at, size = next(iter(commits[-1].parents), ""), min(4 * size, EVERY)
    lines = b"".join(json.dumps(row).encode() + b"\n" for row in rows) + more
    words = {word for line in lines.splitlines() for word in json.loads(line)}
    made = Span(following, b"".join(sorted(map(_mark, words))))
    for kind, fact in zip(_kinds(head), (made.next.encode() + b"\n" + made.marks, lines), strict=True):
        repository.index.keep(kind, {head: fact}, newest=0 if _is_first(head) else _KEPT)
    return made, lines


def _known(repository: Repository, kind: str, commits: Sequence[str]) -> dict[str, Span]:
    found = repository.index.known(kind, commits).items()
    return {sha: Span(fact.partition(b"\n")[0].decode(), fact.partition(b"\n")[2]) for sha, fact in found}


def _remember(spans: Mapping[str, Span]) -> None:
    if len(_remembered) + len(spans) > _REMEMBERED:
        _remembered.clear()
    _remembered.update(spans)


def _mark(word: str) -> bytes:
    """A word that has the mark of another one costs only a look at the rows."""
    return blake2b(word.encode(errors="surrogatepass"), digest_size=6).digest()


def _kinds(head: str) -> tuple[str, str]:
    """Of the span that begins with this commit, and of its rows."""
    kind = _SPANS if _is_first(head) else _NEWEST
    return kind, f"rows of {kind}"


def _is_first(sha: str) -> bool:
    return int(sha, 16) % EVERY == 0
