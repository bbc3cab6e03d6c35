"""A commit object's bytes before its signature, as Liftgate writes them: one form, so that they can be compared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from liftgate.domain.common.plain import printable

_CRUD: Final = re.compile(r"[\r\n<>]")
_TREE: Final = re.compile(rb"tree ([0-9a-f]{40}|[0-9a-f]{64})\n")


def unsigned_commit(tree: str, parents: Sequence[str], message: str, *, when: datetime, name: str, email: str) -> bytes:
    """The author is the committer too. Control characters are replaced."""
    name, email = (_CRUD.sub("", printable(text)).strip() for text in (name, email))
    person = f"{name} <{email}> {int(when.timestamp())} +0000"
    head = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {person}", f"committer {person}"]
    return ("\n".join(head) + "\n\n" + printable(message)).encode()


def signed_commit(unsigned: bytes, armoured: str) -> bytes:
    """With its signature as the last header."""
    head, gap, message = unsigned.partition(b"\n\n")
    header = "\ngpgsig " + armoured.rstrip("\n").replace("\n", "\n ")
    return head + header.encode() + gap + message


def tree_of(unsigned: bytes) -> str:
    """The id of its tree; empty if the bytes do not start as a commit's."""
    found = _TREE.match(unsigned)
    return found[1].decode() if found else ""
