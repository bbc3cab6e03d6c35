"""CODEOWNERS of a branch: who must review the files of a pull request."""

from __future__ import annotations

import re
from typing import NamedTuple

from liftgate_sandbox.forge import diff
from liftgate_sandbox.forge.bare import Bare
from liftgate_sandbox.forge.core import Core
from liftgate_sandbox.forge.model import Pull, Repository

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
PARTS = re.compile(r"\*\*/|/\*\*$|\*\*|\*|\?")
WORDS = {"**/": "(.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Line(NamedTuple):
    number: int
    path: str
    pattern: str
    owners: list[str]
    text: str


def lines(bare: Bare, branch: str) -> list[Line]:
    """Of the first file that exists; empty without one."""
    for path in PLACES:
        shown = bare.call("cat-file", "blob", f"refs/heads/{branch}:{path}")
        if shown.returncode == 0:
            numbered = enumerate(shown.stdout.decode(errors="replace").splitlines(), 1)
            split = ((number, text, text.partition("#")[0].split()) for number, text in numbered)
            return [Line(number, path, words[0], words[1:], text) for number, text, words in split if words]
    return []


def of_pull(core: Core, repository: Repository, pull: Pull) -> set[frozenset[str]]:
    """The owners of each changed file that has some, in small letters, without owners that may not write."""
    bare = core.bare(repository)
    known = lines(bare, pull.base)
    changed = (file.path for file in diff.changed(bare, pull.base_sha, pull.head_sha))
    owned = ({owner for owner in _owners(path, known) if may_own(core, owner)} for path in changed)
    return {frozenset(each.removeprefix("@").lower() for each in owners) for owners in owned if owners}


def may_own(core: Core, owner: str) -> bool:
    """Teams are not known here."""
    user = core.store.user(owner.removeprefix("@"))
    return user is not None and user.may("write")


def _owners(path: str, known: list[Line]) -> list[str]:
    fitting = [line.owners for line in known if re.fullmatch(_expression(line.pattern), path)]
    return fitting[-1] if fitting else []


def _expression(pattern: str) -> str:
    body, parts, at = pattern.strip("/"), [], 0
    for found in PARTS.finditer(body):
        parts += [re.escape(body[at : found.start()]), WORDS[found[0]]]
        at = found.end()
    start = "" if "/" in pattern.rstrip("/") else "(.*/)?"
    end = "/.*" if pattern.endswith("/") else "" if body.endswith("*") else "(/.*)?"
    return start + "".join(parts) + re.escape(body[at:]) + end
