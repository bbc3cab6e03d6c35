"""The file `.liftgate/allowed_signers`: whose signatures count, for what and when (ssh-keygen(1), ALLOWED SIGNERS)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from liftgate.domain.commits import public_key
from liftgate.domain.common.value import Value
from liftgate.errors import Misconfigured

ALLOWED_SIGNERS: Final = ".liftgate/allowed_signers"
COMMITS: Final = "git"
_BLANKS: Final = " \t\r"
_WORDS: Final = re.compile(r'(?:"(?P<quoted>[^"]*)"|(?P<plain>[^ \t"][^ \t]*))(?=[ \t]|$)')
"""The principals; quotes allow spaces in them."""
_OPTIONS: Final = re.compile(r'(?:[^ \t"]|"(?:\\"|[^"])*")+')
"""Up to the first blank that is in no quotes."""
_OPTION: Final = re.compile(r'(?P<name>[A-Za-z-]+)(?:="(?P<value>(?:\\"|[^"])*)")?(?:,(?!$)|$)')
_TIME: Final = re.compile(r"(?P<digits>\d{8}|\d{12}|\d{14})(?:Z|UTC)?", re.IGNORECASE)
_FORMATS: Final = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_CERTIFICATES: Final = "cert-authority"


class Signer(Value):
    """One line: who may sign, for which namespaces, with which key, and when."""

    principals: tuple[str, ...]
    """Names or patterns of names; one that begins with `!` excludes."""
    namespaces: tuple[str, ...]
    """Patterns with `*` and `?`; one that begins with `!` excludes."""
    key: bytes
    """The public key as SSH encodes it (RFC 4253 §6.6)."""
    valid_after: datetime | None = None
    valid_before: datetime | None = None

    @property
    def principal(self) -> str:
        """The first one that is no pattern; else the first."""
        plain = [each for each in self.principals if not re.search(r"[*?!]", each)]
        return (plain or self.principals)[0]

    def names(self, email: str) -> bool:
        """Whether the address is one of the principals, in any case of letters, as mail servers read it."""
        return _matches(email.lower(), tuple(each.lower() for each in self.principals))

    def may_sign(self, namespace: str) -> bool:
        return _matches(namespace, self.namespaces)

    def is_valid(self, at: datetime | None) -> bool:
        """Whether the key counts for what was signed at that time; without a time, whether it counts at all times."""
        if at is None:
            return self.valid_after is None and self.valid_before is None
        return (self.valid_after or at) <= at and (self.valid_before is None or at < self.valid_before)


def read_allowed(text: str) -> tuple[Signer, ...]:
    """The signers that the file names. Raises Misconfigured with every illegal line and its number.

    A line without namespaces counts for commits alone: for ssh-keygen(1) its key may sign everything, votes too. A time
    without `Z` is read as UTC, because it must mean the same on every machine. Certificates are not supported:
    `cert-authority` lines are legal and allow nothing.
    """
    signers: list[Signer] = []
    wrong: list[str] = []
    for number, line in written_lines(text):
        try:
            signers += _signer(line)
        except ValueError as error:
            wrong.append(f"{ALLOWED_SIGNERS}:{number}: {error}")
    if wrong:
        raise Misconfigured("\n".join(wrong))
    return tuple(signers)


def readable(text: str) -> tuple[Signer, ...]:
    """The signers of the legal lines: a line of another day takes nothing from the others."""
    signers: list[Signer] = []
    for _, line in written_lines(text):
        with suppress(ValueError):
            signers += _signer(line)
    return tuple(signers)


def written_lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of those that are not blank and no comment.

    A line ends where ssh-keygen, git and a reviewer's page end it: a character that only Python takes for a line's
    end would make a signer of the rest of a comment.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if (bare := line.strip(_BLANKS)) and not bare.startswith("#"):
            yield number, bare


@lru_cache(maxsize=1024)
def _signer(line: str) -> tuple[Signer, ...]:
    """None or one. Raises ValueError for an illegal line. Kept: most commits have the same lines."""
    words = _WORDS.match(line)
    if words is None:
        raise ValueError("it does not begin with who may sign, in complete quotes")
    principals = (words["quoted"] or words["plain"] or "").split(",")
    if not all(each.removeprefix("!") for each in principals):
        raise ValueError("it does not name who may sign, or has an empty name")
    rest = line[words.end() :].strip(_BLANKS)
    options: dict[str, str] = {}
    if not public_key.is_text(rest):
        taken = _OPTIONS.match(rest)
        options, rest = _options(taken[0] if taken else ""), rest[taken.end() if taken else 0 :].strip(_BLANKS)
    key = public_key.from_text(rest)
    times = {name: _time(name, options[name]) for name in ("valid-after", "valid-before") if name in options}
    after, before = times.get("valid-after"), times.get("valid-before")
    if after and before and before <= after:
        raise ValueError("valid-before is not later than valid-after")
    if _CERTIFICATES in options:
        return ()
    return (
        Signer(
            principals=tuple(principals),
            namespaces=tuple(options.get("namespaces", COMMITS).split(",")),
            key=key,
            valid_after=after,
            valid_before=before,
        ),
    )


def _options(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while position < len(text):
        option = _OPTION.match(text, position)
        name = option["name"].lower() if option else ""
        with_value = option is not None and option["value"] is not None
        if option is None or name not in _KNOWN or with_value != _KNOWN[name]:
            raise ValueError(
                f"options are namespaces, valid-after and valid-before with a value in double quotes, "
                f"and {_CERTIFICATES}; between them stands a comma, without a space"
            )
        if name in found:
            raise ValueError(f"{name} stands there twice")
        found[name] = (option["value"] or "").replace('\\"', '"')
        position = option.end()
    return found


_KNOWN: Final = {"namespaces": True, "valid-after": True, "valid-before": True, _CERTIFICATES: False}
"""The options, and whether each has a value."""


def _time(name: str, text: str) -> datetime:
    if found := _TIME.fullmatch(text):
        digits = found["digits"]
        with suppress(ValueError):
            return datetime.strptime(digits, _FORMATS[len(digits)]).replace(tzinfo=UTC)
    raise ValueError(f"{name} is no time: write YYYYMMDD, YYYYMMDDHHMM or YYYYMMDDHHMMSS, and Z for UTC")


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    """As PATTERNS in ssh_config(5): one that excludes wins."""
    matching = [each for each in patterns if _is_like(text, each.removeprefix("!"))]
    return bool(matching) and not any(each.startswith("!") for each in matching)


def _is_like(text: str, pattern: str) -> bool:
    single = re.sub(r"\*+", "*", pattern)  # several mean the same, and would take time without an end
    parts = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in single)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None
