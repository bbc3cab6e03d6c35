"""The input of the manifest rules: an Argo CD Application, alone or as a set's template, and the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from liftgate.domain.common.names import repository_of
from liftgate.domain.common.value import Value
from liftgate.domain.common.verdict import Finding
from liftgate.domain.manifests.place import Place
from liftgate.domain.manifests.text import Keys, Manifest, read_manifests
from liftgate.errors import Refused

_SHELL: Final = re.compile(r"\$\{[^}]*\}")
_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}")
_WHOLE_PATH: Final = re.compile(r"\{\{\s*\.?path(\.path)?\s*\}\}")


@dataclass(frozen=True)
class Seen:
    """The known part of the repository; it may be empty."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """Looked up, never copied: the mapping may read files on demand."""
    places: tuple[Place, ...] = ()
    repository: str = ""
    deadline: float = 300.0
    """Seconds from the commit until it must be healthy; the setting's default."""

    @property
    def last(self) -> str:
        """The last environment, where mistakes matter most."""
        return self.places[-1].environment if self.places else "prod"

    def has_folder(self, folder: str) -> bool:
        return any(path.startswith(f"{folder}/") for path in self.files) if folder else bool(self.files)

    def directly_in(self, folder: str) -> list[str]:
        start = f"{folder}/" if folder else ""
        return [path for path in self.files if path.startswith(start) and "/" not in path.removeprefix(start)]

    def beside(self, start: str) -> list[str]:
        """The names of the folders below a path that ends with a slash."""
        inner = (path.removeprefix(start) for path in self.files if path.startswith(start))
        return list(dict.fromkeys(each.partition("/")[0] for each in inner if "/" in each))

    def manifests(self, path: str) -> list[Manifest]:
        """The manifests of a file; an unreadable file has none."""
        try:
            return read_manifests(self.files[path].decode(errors="replace"), path)
        except Refused:
            return []

    def is_own(self, source: Mapping[str, Any]) -> bool:
        """Whether the source is this repository, by the last part of its address: the rest may differ in a clone."""
        return not self.repository or _last(str(source.get("repoURL", ""))) == _last(self.repository)


def _last(url: str) -> str:
    return repository_of(url).rpartition("/")[2]


class App(Value):
    """An Argo CD Application, or the template of an ApplicationSet."""

    manifest: Manifest
    where: Keys = ()
    """Its keys in the manifest."""

    @property
    def body(self) -> dict[str, Any]:
        return self.manifest.at(*map(str, self.where)) if self.where else self.manifest.value

    @property
    def spec(self) -> dict[str, Any]:
        return _object(self.body.get("spec"))

    def at(self, *keys: str) -> dict[str, Any]:
        """The object below the spec; an empty one if there is none."""
        found = self.spec
        for key in keys:
            found = _object(found.get(key))
        return found

    @property
    def name(self) -> str:
        return str(_object(self.body.get("metadata")).get("name", ""))

    @property
    def is_generated(self) -> bool:
        return bool(self.where)

    @property
    def sources(self) -> list[tuple[Keys, dict[str, Any]]]:
        """The sources, each with its keys below the spec."""
        several = self.spec.get("sources")
        if isinstance(several, list):
            return [(("sources", at), each) for at, each in enumerate(several) if isinstance(each, dict)]
        return [(("source",), _object(self.spec.get("source")))]

    def folders(self, seen: Seen) -> Iterator[tuple[Keys, dict[str, Any], str]]:
        """Each rendered folder of the repository, with its source and the source's keys."""
        for keys, source in self.sources:
            path = source.get("path")
            if isinstance(path, str) and seen.files and seen.is_own(source):
                for folder in self.expanded(path, seen):
                    plain = posixpath.normpath(folder).strip("/")
                    yield keys, source, "" if plain == "." else plain

    def finding(self, keys: Keys, rule: str, message: str, fix: str, *, blocking: bool = True) -> Finding:
        """A finding at the keys below the spec, or at the nearest existing ones."""
        place = self.manifest.place(*self.where, "spec", *keys)
        return Finding(place=place, rule=rule, message=message, fix=fix, blocking=blocking)

    def expanded(self, text: str, seen: Seen) -> list[str]:
        """The text in each environment, with templates and a mistaken `${env}` filled in."""
        if not (_SHELL.search(text) or _TEMPLATE.search(text)):
            return [text]
        found = [_filled(_WHOLE_PATH.sub(place.folder, text), place.environment) for place in seen.places]
        if not seen.places:
            found = [_filled(text, name) for name in seen.beside(_SHELL.split(text)[0])]
        return [each for each in dict.fromkeys(found) if not _TEMPLATE.search(each)]


def _filled(text: str, environment: str) -> str:
    """Parameters from other sources stay unchanged."""
    is_known = all("basename" in each or "segments" in each for each in _TEMPLATE.findall(text))
    return _TEMPLATE.sub(environment, _SHELL.sub(environment, text)) if is_known else text


def apps(read: Sequence[Manifest]) -> list[App]:
    found = [App(manifest=one) for one in read if one.kind == "Application"]
    return found + [App(manifest=one, where=("spec", "template")) for one in read if one.kind == "ApplicationSet"]


def placeholders(one: App) -> Iterator[tuple[Keys, str]]:
    """Each placeholder that is never filled in, with the keys of its text below the spec."""
    pattern = _SHELL if one.is_generated else re.compile(f"{_SHELL.pattern}|{_TEMPLATE.pattern}")
    for keys, text in texts(one.spec):
        if found := pattern.search(text):
            yield keys, found.group()


def texts(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, str]]:
    """Every text in the value, with its keys."""
    if isinstance(value, str):
        yield keys, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from texts(inner, (*keys, key))


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
