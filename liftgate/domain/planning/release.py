"""A release: the promotable values of one application, fixed at one source commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from liftgate.domain.common.canonical import digest
from liftgate.domain.common.names import release_name
from liftgate.domain.common.plain import one_line
from liftgate.domain.common.value import Json, Value
from liftgate.domain.json_text.pointer import MISSING, escape, find
from liftgate.domain.planning.identity import Keyed, keyed, plain
from liftgate.domain.planning.rules import OneFile, Rules, is_metadata
from liftgate.domain.secrets.secret import Owner, contains_secret, is_reference


class Need(Value):
    """A place where the source has its own value, so that every environment must have its own too."""

    pointer: str
    owner: Owner
    reference: bool = False
    """Whether the source has a reference to a secret store: writing another reference needs no key."""


class ReleasedFile(Value):
    """One values file of a release: `path` at its source commit, `content` its promotable values only."""

    file: OneFile = ""
    """Its name, the same in all environments; empty for the only file of an application."""
    path: str
    content: Json
    needs: tuple[Need, ...] = ()


class Release(Value):
    """`source` is the commit's SHA."""

    application: str
    version: str
    source: str
    files: tuple[ReleasedFile, ...]

    @property
    def id(self) -> str:
        """Equal for equal promotable values of one application, from any commit."""
        content = {each.file: each.content for each in self.files}
        if tuple(content) == ("",):
            return digest({"application": self.application, "content": content[""]})
        return digest({"application": self.application, "files": content})

    @property
    def name(self) -> str:
        """The version, or the start of the id."""
        return release_name(self.version, self.id)

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files at the source commit."""
        return tuple(each.path for each in self.files)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its files."""
        return tuple(each.file for each in self.files)

    def with_version_at(self, pointer: str) -> Release:
        """The same release, where the version is at another place of its values."""
        return self.copy_with(version=version_of((each.content for each in self.files), pointer))

    def of(self, file: str) -> ReleasedFile | None:
        """Its file of this name; None if it has none."""
        return next((each for each in self.files if each.file == file), None)


def fix(application: str, source: str, files: Iterable[ReleasedFile], version_pointer: str) -> Release:
    listed = tuple(files)
    version = version_of((each.content for each in listed), version_pointer)
    return Release(application=application, version=version, source=source, files=listed)


def version_of(values: Iterable[Json], pointer: str) -> str:
    """That of the first file that says one in plain text at the pointer, for people; empty if none does."""
    versions = (find(each, pointer) for each in values)
    return one_line(next((each for each in versions if isinstance(each, str) and not contains_secret(each)), ""))


def fix_file(file: str, path: str, values: Json, rules: Rules) -> ReleasedFile:
    content, needs = partition(values, rules)
    return ReleasedFile(file=file, path=path, content=content, needs=needs)


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
