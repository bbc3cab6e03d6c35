"""Where values have the version of the application that they configure: usually, and as `liftgate.json` says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from liftgate.domain.common.nearest import nearest
from liftgate.domain.common.value import Json
from liftgate.domain.common.words import in_words
from liftgate.domain.json_text.pointer import leaves, split
from liftgate.domain.planning.release import version_of
from liftgate.domain.planning.rules import Rules, is_metadata

_OWN: Final = frozenset(("app", "application", "container", "deployment", "global", "image", "release", "service"))
"""Objects that are about the application itself; `/postgres/version` is about something that it uses."""
_FORM: Final = re.compile(r"(?=.*\d)\w[\w.+-]{0,127}", re.ASCII)
"""A version, or an image's tag as registries take it. `latest` says no version."""


def version_places(values: Json) -> list[str]:
    """The pointers at `…/version` and `…/image/tag` that have a text like a version."""
    return [
        pointer
        for pointer, leaf in leaves(values)
        if isinstance(leaf, str) and _FORM.fullmatch(leaf) and _ends_as_one(split(pointer)) and not is_metadata(pointer)
    ]


def are_about(application: str, pointers: Iterable[str]) -> list[str]:
    """Of these pointers those whose version is the application's own."""
    own = _OWN | {application.lower()}
    return [each for each in pointers if own.issuperset(token.lower() for token in split(each)[:-1])]


def why_no_version(places: Iterable[Mapping[str, Json]], rules: Rules) -> str:
    """Why releases would have no version, in one sentence; empty if they have one. `places` has the values by path, of
    each environment by itself."""
    pointer = rules.version_pointer
    if (owner := rules.owner(pointer)) != "promote":
        return f'{pointer} is not promoted, so no release has a version: a rule gives it the owner "{owner}"'
    lacking = [values for values in places if values and not version_of(values.values(), pointer)]
    if not lacking:
        return ""
    paths = [path for values in lacking for path in values]
    known = {each for values in lacking for value in values.values() for each in version_places(value)}
    has = "has" if len(paths) == 1 else "have"
    return f"{in_words(paths)} {has} no text at {pointer}; {nearest(pointer, known)}"


def _ends_as_one(tokens: tuple[str, ...]) -> bool:
    return tokens[-1:] == ("version",) or tokens[-2:] == ("image", "tag")
