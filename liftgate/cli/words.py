"""Arguments that several commands share: JSON pointers with their values."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from liftgate.domain import plain
from liftgate.domain.pointer import split
from liftgate.errors import Refused


def add_changes(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set", metavar="POINTER=JSON", type=assignment, action="append", default=[],
        help="""a value, like --set /application/replicas=3 or --set '/application/motto="be brief"'""",
    )  # fmt: skip
    parser.add_argument("--unset", metavar="POINTER", type=pointer, action="append", default=[], help="remove a value")


def assignment(text: str) -> tuple[str, Any]:
    """A `--set`: (pointer, value); raises what argparse shows with exit code 2."""
    place, equals, written = text.partition("=")
    if not equals:
        raise ArgumentTypeError(f"{text}: write POINTER=JSON")
    try:
        return pointer(place), json.loads(written)
    except ValueError:
        raise ArgumentTypeError(f"{written} is no JSON; text stands in double quotes: '{place}=\"…\"'") from None


def pointer(text: str) -> str:
    try:
        split(text)
        plain.check({"pointer": text})
    except Refused as error:
        raise ArgumentTypeError(str(error)) from None
    return text


def changes_of(given: Any) -> dict[str, Any]:
    """Pointer to value; null removes."""
    return dict(given.set) | dict.fromkeys(given.unset)
