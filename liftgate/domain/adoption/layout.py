"""Where a repository keeps its environments and their values: from the paths of its files."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count
from typing import Any, Final, NamedTuple

from liftgate.domain.adoption.path_templates import MARK, Group, could_be_values, groups
from liftgate.domain.common.names import is_name, is_path
from liftgate.domain.common.value import Value

GENERIC: Final = frozenset(
    (
        *("config", "configs", "configuration", "conf", "cfg", "env", "envs", "environment", "environments"),
        *("overlay", "overlays", "values", "settings", "appsettings", "app", "application", "apps", "applications"),
        *("deploy", "deployment", "deployments", "k8s", "kubernetes", "helm", "src", "services", "charts", "chart"),
        *("json", "params", "parameters", "vars", "variables", "tfvars", "data", "infrastructure", "infra", "stacks"),
        *("file", "files", "terraform", "base"),
        *("live", "region", "regions", "cluster", "clusters"),
    )
)
_PART: Final = re.compile(r"[A-Za-z0-9]+")


class _Known(NamedTuple):
    """An environment: its name, and how most files write it."""

    name: str
    rank: int
    written: str


class Environment(Value):
    name: str
    path: str
    """As `liftgate.json` has it."""
    rank: int


class Application(Value):
    name: str
    folder: str
    values: str | dict[str, str] | tuple[str, ...]
    paths: dict[str, str]
    """The values file by environment, where there is one; of several files all in one text."""
    parts: tuple[Application, ...] = ()
    """Of several files each, as if it were an application of its own: its name, and its paths."""

    @property
    def files(self) -> tuple[Application, ...]:
        """Each values file by itself."""
        return self.parts or (self,)

    @property
    def entry(self) -> dict[str, Any]:
        """Its entry in `liftgate.json`, without a schema."""
        return ({"folder": self.folder} if self.folder else {}) | {"values": self.values}


class Layout(Value):
    """Environments are in the order of promotion."""

    environments: tuple[Environment, ...]
    applications: tuple[Application, ...]
    doubled: tuple[tuple[str, str], ...] = ()
    """Pairs of files that name one environment in two ways; the first one counts."""
    alone: tuple[str, ...] = ()
    """Files that name an environment and have no counterpart in another one."""

    @property
    def files(self) -> tuple[Application, ...]:
        """Each values file of each application by itself."""
        return tuple(file for each in self.applications for file in each.files)

    @property
    def order(self) -> tuple[str, ...]:
        return tuple(environment.name for environment in self.environments)


def find_layout(paths: Iterable[str], repository: str) -> Layout:
    """The layout; without environments if there are fewer than two. `repository` names an application with no name."""
    every = groups(path for path in paths if could_be_values(path) and is_path(path))
    pairs = [group for group in every if group.is_pipeline]
    pairs += _newcomers(every, pairs)
    kept = {group.template for group in pairs}
    apart = (group for group in every if group.template not in kept and group.is_plain)
    alone = tuple(path for group in apart for path in group.paths.values())
    if not pairs:
        return Layout(environments=(), applications=(), alone=alone)
    names = _environment_names(pairs)
    head = _common_head(pairs)
    return Layout(
        environments=_environments(pairs, names, head),
        applications=_applications(pairs, names, head, repository),
        doubled=tuple(pair for group in pairs for pair in group.doubled),
        alone=alone,
    )


def _newcomers(every: Sequence[Group], pairs: Sequence[Group]) -> list[Group]:
    """Files in one environment only, in the folders where the others are: applications that have not arrived yet."""
    heads = {_head(group.template) for group in pairs} - {""}
    keys = {key for group in pairs for key in group.found}
    return [
        group
        for group in every
        if len(group.found) == 1 and _head(group.template) in heads and keys.issuperset(group.found)
    ]


def _head(template: str) -> str:
    """The template up to the folder that is the environment; empty if there is no such folder."""
    folders = template.split("/")[:-1]
    return "/".join(folders[: folders.index(MARK) + 1]) if MARK in folders else ""


def _common_head(pairs: Sequence[Group]) -> str:
    """The environment's folder, if all groups have the same one and spell it the same way."""
    heads = {_head(group.template) for group in pairs}
    spelled: dict[str, set[str]] = {}
    for group in pairs:
        for key, candidate in group.found.items():
            spelled.setdefault(key, set()).add(candidate.spellings[0])
    one_each = all(len(spellings) == 1 for spellings in spelled.values())
    head = next(iter(heads))
    return head if len(heads) == 1 and one_each and head.count(MARK) == 1 else ""


def _environment_names(pairs: Sequence[Group]) -> dict[str, _Known]:
    """By key, in the order of promotion: the spelling that most files have, in lower case."""
    spelled: dict[str, Counter[str]] = {}
    ranks: dict[str, int] = {}
    for group in pairs:
        for key, candidate in group.found.items():
            spelled.setdefault(key, Counter()).update(each for each in candidate.spellings if is_name(each))
            ranks[key] = candidate.environment.rank
    written = {key: counted.most_common(1)[0][0] for key, counted in spelled.items()}
    known = {key: _Known(each.lower(), ranks[key], each) for key, each in written.items()}
    return dict(sorted(known.items(), key=lambda item: (item[1].rank, item[1].name)))


def _environments(pairs: Sequence[Group], names: Mapping[str, _Known], head: str) -> tuple[Environment, ...]:
    folders = {
        key: head.replace(MARK, candidate.spellings[0])
        for group in pairs
        for key, candidate in group.found.items()
        if head
    }
    root = _root(pairs)
    return tuple(
        Environment(name=known.name, path="/" + folders.get(key, root), rank=known.rank) for key, known in names.items()
    )


def _root(pairs: Sequence[Group]) -> str:
    """The folder that all groups are in."""
    folders = [_literal(group.template) for group in pairs]
    return posixpath.commonpath(folders) if all(folders) else ""


def _literal(template: str) -> str:
    """The folders of the template before its first mark."""
    return template.partition(MARK)[0].rpartition("/")[0]


def _applications(
    pairs: Sequence[Group], names: Mapping[str, _Known], head: str, repository: str
) -> tuple[Application, ...]:
    root = head or _root(pairs)
    return tuple(
        _application(group, names, f"{root}/" if root else "", name, has_head=bool(head))
        for group, name in zip(pairs, _application_names(pairs, repository), strict=True)
    )


def _application(group: Group, names: Mapping[str, _Known], above: str, name: str, *, has_head: bool) -> Application:
    below = group.template.removeprefix(above)
    folder = _literal(below) if MARK in below else below.rpartition("/")[0]
    values: str | dict[str, str] = below.removeprefix(f"{folder}/" if folder else "")
    marks = {key: each.spellings[1 if has_head else 0 :] for key, each in group.found.items()}
    if any(spelling != names[key].name for key, spellings in marks.items() for spelling in spellings):
        values = {
            known.name: _filled(str(values), marks.get(key, (known.written,) * below.count(MARK)))
            for key, known in names.items()
        }
    paths = {known.name: group.paths[key] for key, known in names.items() if key in group.paths}
    return Application(name=name, folder=folder, values=values, paths=paths)


def _filled(template: str, spellings: Sequence[str]) -> str:
    for spelling in spellings:
        template = template.replace(MARK, spelling, 1)
    return template


def _application_names(pairs: Sequence[Group], repository: str) -> list[str]:
    """A name for each group, from what its path has and the others' do not."""
    words = [words_of(group.template) for group in pairs]
    common = set.intersection(*map(set, words)) if len(pairs) > 1 else set()
    taken: set[str] = set()
    names = []
    for own in words:
        telling = [word for word in own if word not in common] or own
        chosen = [word for word in telling if not GENERIC.issuperset(word.split("-"))]
        chosen = chosen or (telling[-1:] if len(pairs) > 1 else [])
        name = "-".join(dict.fromkeys(chosen)) or repository
        names.append(_free(_as_name(name), taken))
    return names


def words_of(template: str) -> list[str]:
    """The names in the path in lower case, without the environment's."""
    parts = template.removesuffix(".json").replace(MARK, "/").split("/")
    named = ("-".join(_PART.findall(part.lower())) for part in parts)
    return [word for word in named if word]


def _as_name(text: str) -> str:
    """A name that Kubernetes accepts too."""
    return "-".join(_PART.findall(text.lower()))[:50].strip("-") or "app"


def _free(name: str, taken: set[str]) -> str:
    found = next(each for each in chain((name,), (f"{name}-{number}" for number in count(2))) if each not in taken)
    taken.add(found)
    return found
