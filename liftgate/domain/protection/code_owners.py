"""CODEOWNERS: who must review a change of a file, as the file says it and as the policy asks for it.

docs.github.com: "About code owners". The last line that fits a path decides; a line without owners takes them away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from liftgate.domain.common.value import Value
from liftgate.domain.common.words import in_words
from liftgate.domain.protection.difference import Line

PLACES: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where the file can be: the first one that exists counts."""
POLICY: Final = (
    "liftgate.json",
    ".liftgate/allowed_signers",
    ".liftgate/revoked_keys",
    ".liftgate/gpg/NAME.asc",
)
"""What decides who may approve, and whose signatures count; a key's file need not exist yet. Who can change these
without a review can change the policy first."""
_WORD: Final = re.compile(r"(?:\\.|[^\s\\])+")
_GLOB: Final = re.compile(r"\*\*/|/\*\*|\*\*|\*|\?|\\.")
_GLOBS: Final = {"**/": "(?:.*/)?", "/**": "/.*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class Owned(NamedTuple):
    pattern: str
    owners: tuple[str, ...]
    """As written: `@login`, `@organization/team`, or an e-mail address."""


class WantedOwners(Value):
    """Who must review changes of these files."""

    subject: str
    """An environment's name, or what the files are, for people."""
    patterns: tuple[str, ...]
    files: tuple[str, ...]
    """Paths that are asked about."""
    logins: tuple[str, ...]
    """Empty: the policy names none that has an account at the forge."""

    @property
    def text(self) -> str:
        """The lines for the file."""
        return "\n".join(f"{pattern} {' '.join('@' + each for each in self.logins)}" for pattern in self.patterns)


def read_owners(text: str) -> tuple[Owned, ...]:
    """The lines of the file; comments and empty ones are left out."""
    found = []
    for line in text.split("\n"):
        words = _WORD.findall(line.strip())
        comment = next((at for at, word in enumerate(words) if word.startswith("#")), len(words))
        if pattern := words[:1] if comment else []:
            found.append(Owned(pattern[0], tuple(words[1:comment])))
    return tuple(found)


def owners_of(path: str, owned: Iterable[Owned]) -> tuple[str, ...]:
    """Of the last line that fits; empty for a file without owners."""
    last: tuple[str, ...] = ()
    for each in owned:
        if _expression(each.pattern).fullmatch(path):
            last = each.owners
    return last


@lru_cache(maxsize=1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """As gitignore(5): a pattern with a slash inside begins at the root, and a folder's covers all below it."""
    anchored = "/" in pattern.rstrip("/")
    body, parts, at = pattern.strip("/"), [], 0
    for found in _GLOB.finditer(body):
        parts += [re.escape(body[at : found.start()]), _GLOBS.get(found[0], re.escape(found[0][-1]))]
        at = found.end()
    text = "".join(parts) + re.escape(body[at:])
    # `docs/*` covers the files of the folder, not those of folders in it.
    below = "/.+" if pattern.endswith("/") else "" if body.endswith("/*") else "(?:/.+)?"
    return re.compile(("" if anchored else "(?:.*/)?") + text + below)


def owner_lines(
    wanted: Iterable[WantedOwners], file: str, owned: tuple[Owned, ...], errors: Mapping[str, str]
) -> Iterator[Line]:
    """`file`: where the file is, or would be. `errors`: what the forge says of owners that it does not know."""
    for each in wanted:
        yield _line(each, file, owned)
    for place, error in errors.items():
        yield Line(
            wanted=f"{file}: every line is valid",
            there=f"{place}: {error}",
            state="missing",
            allows="the line counts for nothing",
            by_hand=f"correct {file}",
        )


def _line(wanted: WantedOwners, file: str, owned: tuple[Owned, ...]) -> Line:
    title = f"{wanted.subject}: reviews by the code owners"
    if not wanted.logins:
        there = "its policy names no people with an account here; the status check alone holds its approvals"
        return Line(wanted=title, there=there, state="not checked")
    title = f"{title} {in_words(wanted.logins, 'or')}"
    problem = next(filter(None, (_problem(path, owned, wanted.logins) for path in wanted.files)), "")
    if not problem:
        return Line(wanted=title, there="as wanted", state="in place")
    return Line(
        wanted=title,
        there=problem,
        state="missing",
        allows=f"a pull request that changes {wanted.subject} needs no review by the people who may approve it",
        by_hand=f"add to the end of {file}:\n{wanted.text}",
    )


def _problem(path: str, owned: tuple[Owned, ...], logins: tuple[str, ...]) -> str:
    """Only a login can be compared with the policy: who is in a team is the organization's matter, and whose an e-mail
    address is, the forge's."""
    owners = owners_of(path, owned)
    if not owners:
        return f"{path} has no owners"
    known = {login.lower() for login in logins}
    people = (each for each in owners if not (each.startswith("@") and "/" in each))
    others = [each for each in people if each.removeprefix("@").lower() not in known]
    return f"{path} is also owned by {in_words(others)}" if others else ""
