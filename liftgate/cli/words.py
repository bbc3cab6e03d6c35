"""Arguments that several commands share: JSON pointers with their values, and counts."""

from __future__ import annotations

import os
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any, Final

from liftgate.domain.common import plain
from liftgate.domain.json_text.pointer import split
from liftgate.domain.json_text.strict import read_json
from liftgate.errors import Refused

_DIGITS: Final = 10
ALLOW_DOWNGRADE: Final = "promote also a release that is older than what the environment has"


def add_changes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set", metavar="POINTER=JSON", type=assignment, action="append", default=[],
        help="""a value, like --set /application/replicas=3 or --set '/application/motto="be brief"', or null""",
    )  # fmt: skip
    parser.add_argument("--unset", metavar="POINTER", type=pointer, action="append", default=[], help="remove a value")
    parser.add_argument("--file", metavar="FILE", default="", help="which values file changes, if there are several")


def assignment(text: str) -> tuple[str, Any]:
    """A `--set`: (pointer, value); raises what argparse shows with exit code 2."""
    place, equals, written = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text}: write POINTER=JSON")
    found = read_json(os.fsencode(written))
    if found.large_integers:
        raise ArgumentTypeError(f"the value for {place} is an integer beyond 2^53, where readers round: use a string")
    if not found.violations:
        return pointer(place), found.value
    first = found.violations[0]
    if first.rule in ("word", "quotes", "empty", "number-form"):
        raise ArgumentTypeError(f"{written} is not JSON; put text in double quotes: '{place}=\"…\"'")
    raise ArgumentTypeError(f"the value for {place} is not valid JSON: {first.message}")


def told(findings: int, files: int) -> str:
    """The last line of a check of files."""
    if not findings:
        return f"{files} files, no mistakes"
    found = f"{findings} finding{'' if findings == 1 else 's'}"
    return f"{found} in {files} file{'' if files == 1 else 's'}"


def count(text: str) -> int:
    """Raises what argparse shows with exit code 2."""
    if not (text.isdecimal() and len(text) < _DIGITS):
        raise ArgumentTypeError(f"{text} is not a whole number of 0 or more")
    return int(text)


def pointer(text: str) -> str:
    try:
        split(text)
        plain.check_plain({"pointer": text})
    except Refused as error:
        raise ArgumentTypeError(str(error)) from None
    return text
