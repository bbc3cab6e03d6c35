"""Who a commit says wrote it: its author, its committer and its co-authors. Anyone who can push can write any name."""

from __future__ import annotations

import re
from typing import Final

from liftgate.domain.common.plain import one_line
from liftgate.domain.common.value import Value

_CO_AUTHOR: Final = re.compile(rb"^co-authored-by:[ \t]*(?P<who>[^\n]*)$", re.IGNORECASE | re.MULTILINE)
_LONGEST: Final = 200
_MOST: Final = 100
"""Co-authors of one commit that are read."""


class Credit(Value):
    """A name and an e-mail address, as a commit has them."""

    name: str
    email: str

    @property
    def address(self) -> str:
        """For comparisons: mail servers ignore the case of letters."""
        return self.email.lower()

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>".strip() if self.email else self.name or "no name"


class Credits(Value):
    author: Credit
    committer: Credit
    co_authors: tuple[Credit, ...] = ()

    @property
    def everyone(self) -> tuple[Credit, ...]:
        return (self.author, self.committer, *self.co_authors)

    def without_committer(self) -> Credits:
        """Of a commit that a forge made anew for the person who merged it: its author stands for both."""
        return self.copy_with(committer=self.author)


def read_credits(data: bytes) -> Credits:
    """From the bytes of a commit object. Never raises: what is missing is empty."""
    head, _, message = data.partition(b"\n\n")
    lines = [line.partition(b" ")[::2] for line in head.split(b"\n")]
    named = dict(reversed(lines))
    found = [match["who"] for match in _CO_AUTHOR.finditer(message.replace(b"\r\n", b"\n"))]
    return Credits(
        author=_credit(named.get(b"author", b"")),
        committer=_credit(named.get(b"committer", b"")),
        co_authors=tuple(map(_credit, found[:_MOST])),
    )


def _credit(line: bytes) -> Credit:
    """Like git, it uses the first `<` and the last `>`."""
    before, _, _ = line.rpartition(b">")
    name, _, email = (before or line).partition(b"<")
    return Credit(name=_text(name), email=_text(email))


def _text(data: bytes) -> str:
    return one_line(data.decode(errors="replace"))[:_LONGEST]
