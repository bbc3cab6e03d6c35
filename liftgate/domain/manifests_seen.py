"""What the rules about manifests look at: an Application, by itself or as a set's template, and the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from liftgate.domain.manifests_place import Place
from liftgate.domain.manifests_text import Keys, Manifest, read
from liftgate.domain.names import repository_of
from liftgate.domain.value import Value
from liftgate.domain.verdict import Finding
from liftgate.errors import Refused

_SHELL: Final = re.compile(r"\$\{[^}]*\}")
_TEMPLATE: Final = re.compile(r"\{\{.*?\}\}")
_WHOLE_PATH: Final = re.compile(r"\{\{\s*\.?path(\.path)?\s*\}\}")


@dataclass(frozen=True)
class Seen:
    """The repository, as far as it is known: nothing of it is fine."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """Looked up, never copied: they may be read only then."""
    places: tuple[Place, ...] = ()
    repository: str = ""
    deadline: float = 300.0
    """Seconds from the commit until it must be healthy; the setting's default."""

    @property
    def last(self) -> str:
        """The environment where it hurts."""
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
        """What cannot be read is no manifest."""
        try:
            return read(self.files[path].decode(errors="replace"), path)
        except Refused:
            return []

    def is_own(self, source: Mapping[str, Any]) -> bool:
        """Whether it is the repository at hand: by the last part of its address, for a clone's may differ before it."""
        return not self.repository or _last(str(source.get("repoURL", ""))) == _last(self.repository)


def _last(url: str) -> str:
    return repository_of(url).rpartition("/")[2]


class App(Value):
    """An Application, or what an ApplicationSet makes Applications of."""

    manifest: Manifest
    where: Keys = ()
    """Where in the manifest it stands."""

    @property
    def body(self) -> dict[str, Any]:
        return self.manifest.at(*map(str, self.where)) if self.where else self.manifest.value

    @property
    def spec(self) -> dict[str, Any]:
        return _object(self.body.get("spec"))

    def at(self, *keys: str) -> dict[str, Any]:
        """The object below the spec; an empty one where there is none."""
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
        """With the keys of each below the spec."""
        several = self.spec.get("sources")
        if isinstance(several, list):
            return [(("sources", at), each) for at, each in enumerate(several) if isinstance(each, dict)]
        return [(("source",), _object(self.spec.get("source")))]

    def folders(self, seen: Seen) -> Iterator[tuple[Keys, dict[str, Any], str]]:
        """Each folder of the repository that is rendered, with its source and that one's keys."""
        for keys, source in self.sources:
            path = source.get("path")
            if isinstance(path, str) and seen.files and seen.is_own(source):
                for folder in self.expanded(path, seen):
                    plain = posixpath.normpath(folder).strip("/")
                    yield keys, source, "" if plain == "." else plain

    def finding(self, keys: Keys, rule: str, message: str, fix: str, *, blocking: bool = True) -> Finding:
        """At the keys below the spec, or the nearest that there is."""
        place = self.manifest.place(*self.where, "spec", *keys)
        return Finding(place=place, rule=rule, message=message, fix=fix, blocking=blocking)

    def expanded(self, text: str, seen: Seen) -> list[str]:
        """The text in each environment: what a template fills in, and what somebody thought `${env}` would."""
        if not (_SHELL.search(text) or _TEMPLATE.search(text)):
            return [text]
        found = [_filled(_WHOLE_PATH.sub(place.folder, text), place.environment) for place in seen.places]
        if not seen.places:
            found = [_filled(text, name) for name in seen.beside(_SHELL.split(text)[0])]
        return [each for each in dict.fromkeys(found) if not _TEMPLATE.search(each)]


def _filled(text: str, environment: str) -> str:
    """What a set takes from elsewhere stays as it is."""
    is_known = all("basename" in each or "segments" in each for each in _TEMPLATE.findall(text))
    return _TEMPLATE.sub(environment, _SHELL.sub(environment, text)) if is_known else text


def apps(read: Sequence[Manifest]) -> list[App]:
    found = [App(manifest=one) for one in read if one.kind == "Application"]
    return found + [App(manifest=one, where=("spec", "template")) for one in read if one.kind == "ApplicationSet"]


def placeholders(one: App) -> Iterator[tuple[Keys, str]]:
    """Keys below the spec of each text that holds one nobody fills in, and the placeholder."""
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
