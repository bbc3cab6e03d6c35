"""A release: the promotable values of one application, fixed at one source commit."""

from __future__ import annotations

from collections.abc import Iterator

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.plain import one_line
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.pointer import MISSING, escape, find
from liftgate.domain.planning.identity import Keyed, keyed, plain
from liftgate.domain.planning.rules import Rules, is_metadata
from liftgate.domain.secrets.secret import Owner, is_reference


class Need(Value):
    """A place where the source has its own value, so that every environment must have its own too."""

    pointer: str
    owner: Owner
    reference: bool = False
    """Whether the source has a reference to a secret store: writing another reference needs no key."""


class Release(Value):
    """`source` is the commit's SHA, `path` the values file, `content` its promotable values only."""

    application: str
    version: str
    source: str
    path: str
    content: Json
    needs: tuple[Need, ...] = ()

    @property
    def id(self) -> str:
        """Equal for equal promotable values of one application, from any commit."""
        return digest({"application": self.application, "content": self.content})


def fix(application: str, source: str, path: str, values: Json, rules: Rules) -> Release:
    content, needs = partition(values, rules)
    version = find(content, "/application/version")
    return Release(
        application=application,
        version=one_line(version) if isinstance(version, str) else "",
        source=source,
        path=path,
        content=content,
        needs=needs,
    )


def partition(values: Json, rules: Rules) -> tuple[Json, tuple[Need, ...]]:
    """The promotable part of the values, and what is left out because each environment has its own."""
    needs: list[Need] = []
    content = _promotable(keyed(values, rules), "", rules, needs)
    return {} if content is MISSING else plain(content), tuple(needs)


def _promotable(value: Json, pointer: str, rules: Rules, needs: list[Need]) -> Json:
    if isinstance(value, dict) and value:
        kept = type(value)(_members(value, pointer, rules, needs))
        return kept or MISSING
    owner = rules.owner(pointer, value)
    if owner == "promote":
        return value
    if pointer and not is_metadata(pointer):
        needs.append(Need(pointer=pointer, owner=owner, reference=isinstance(value, str) and is_reference(value)))
    return MISSING


def _members(
    value: dict[str, Json] | Keyed, pointer: str, rules: Rules, needs: list[Need]
) -> Iterator[tuple[str, Json]]:
    for token, below in value.items():
        promotable = _promotable(below, f"{pointer}/{escape(token)}", rules, needs)
        if promotable is not MISSING:
            yield token, promotable
