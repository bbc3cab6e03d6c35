"""Commits read from a bare repository."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from liftgate_sandbox.forge.bare import Bare

WHO = re.compile(r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<seconds>\d+) [+-]\d{4}")


class Person(NamedTuple):
    """Who and when (ISO 8601 in UTC), as a commit says it."""

    name: str
    email: str
    date: str


class Commit(NamedTuple):
    """One commit; `signature` is the armoured text of its gpgsig header, if it has one."""

    sha: str
    tree: str
    parents: list[str]
    author: Person
    committer: Person
    message: str
    signature: str | None


def log(bare: Bare, revision: str, *, limit: int = 250, path: str = "") -> list[Commit]:
    """The newest commits of a revision or range, of one path if given."""
    paths = ["--", path] if path else ["--"]
    text = bare.run("log", "-z", "--format=raw", f"--max-count={limit}", "--end-of-options", revision, *paths)
    return [_commit(entry) for entry in text.split("\0") if entry.strip()]


def one(bare: Bare, sha: str) -> Commit:
    return log(bare, sha, limit=1)[0]


def _commit(entry: str) -> Commit:
    head, _, message = entry.partition("\n\n")
    fields: dict[str, list[str]] = {}
    for field in re.sub(r"\n ", "\x01", head).split("\n"):
        name, _, value = field.partition(" ")
        fields.setdefault(name, []).append(value.replace("\x01", "\n"))
    return Commit(
        sha=fields["commit"][0],
        tree=fields["tree"][0],
        parents=fields.get("parent", []),
        author=_person(fields["author"][0]),
        committer=_person(fields["committer"][0]),
        message="\n".join(line.removeprefix("    ") for line in message.rstrip("\n").split("\n")),
        signature=fields.get("gpgsig", [None])[0],
    )


def _person(text: str) -> Person:
    found = WHO.fullmatch(text)
    if found is None:
        return Person(text, "", datetime.fromtimestamp(0, UTC).isoformat())
    when = datetime.fromtimestamp(int(found["seconds"]), UTC)
    return Person(found["name"], found["email"], when.strftime("%Y-%m-%dT%H:%M:%SZ"))
