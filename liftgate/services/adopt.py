"""Looks at an existing repository: its environments, values files and history, and what `liftgate.json` could say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from liftgate.domain.adoption.doubts import doubts_about_layout, shown
from liftgate.domain.adoption.environment_names import environment_in
from liftgate.domain.adoption.layout import Application, Layout, find_layout
from liftgate.domain.adoption.learn import learn
from liftgate.domain.adoption.past import Change, Commit, Place
from liftgate.domain.adoption.path_templates import MARK, could_be_values
from liftgate.domain.adoption.proposal import Proposal, propose
from liftgate.domain.adoption.together import together
from liftgate.domain.common.names import is_name
from liftgate.domain.common.value import Json
from liftgate.domain.config import application as applications
from liftgate.domain.json_text.pointer import MISSING, find, leaves
from liftgate.domain.json_text.strict import read_json
from liftgate.errors import Refused
from liftgate.integrations.git.file_history import FileHistory, file_history, tree_files
from liftgate.integrations.git.main_line import is_shallow
from liftgate.integrations.git.repository import Repository

_LFS: Final = b"version https://git-lfs"
_COPIED: Final = 0.8
"""Share of the base's values that the first environment has, if releases come from the base."""
_OTHERS: Final = re.compile(
    r"(?:^|[/._-])(?:values|config|settings|application|env|vars)(?:[._-][^/]*)?\.(?:ya?ml|toml|ini)$"
    r"|\.(?:properties|env|hcl|tfvars)$",
    re.IGNORECASE,
)
"""Values in other formats."""


@dataclass(frozen=True)
class Found:
    """What a commit has; `values` are the present ones."""

    layout: Layout
    values: Mapping[Place, Json]
    paths: frozenset[str]
    doubts: tuple[str, ...]
    """What it is unsure of, in sentences."""


_SHALLOW: Final = (
    "This clone is shallow, so the older history says nothing here; for better rules run: git fetch --unshallow"
)


def look(repository: Repository, head: str, name: str) -> Found:
    """`name` is the application's where nothing else names it. Raises Refused if there are no two environments."""
    files, no_files = tree_files(repository, head)
    layout, parsed, unread, lost = _readable(repository, files, name)
    if len(layout.environments) < 2:
        why = "".join(f"; {path}: {reason}" for path, reason in list(unread.items())[:3])
        raise Refused(
            "found no JSON file that two environments have (like config/dev/app.json and config/prod/app.json, or "
            f"dev.json and prod.json); to begin with a new layout: liftgate init{why}"
        )
    layout = _named(layout, parsed)
    layout, about_base = _with_base(repository, files, layout, parsed)
    layout = together(layout, {each.name: _told(each, parsed) for each in layout.applications}, name)
    values = {(each.name, at): parsed[path] for each in layout.files for at, path in each.paths.items()}
    others = [path for path in files if _OTHERS.search(path) and _names_environment(path)]
    unread |= dict.fromkeys(filter(could_be_values, filter(_names_environment, no_files)), "it is no regular file")
    schemas = [path for path in files if path.endswith(".schema.json")]
    gone = f"There is no environment {shown(lost)}, because its files are left out: correct them and adopt again."
    about_clone = [_SHALLOW] if is_shallow(repository) else []
    about_layout = doubts_about_layout(layout, unread, others, schemas)
    doubts = (*about_clone, *([gone] if lost else []), *about_layout, *about_base)
    return Found(layout=layout, values=values, paths=frozenset(files), doubts=doubts)


def in_order(found: Found, order: Sequence[str]) -> Found:
    """With the environments in another order. Raises Refused for one that is not there."""
    known = {each.name: each for each in found.layout.environments}
    if sorted(order) != sorted(known):
        raise Refused(f"name each of {', '.join(known)} once, in the order of promotion")
    environments = tuple(known[name] for name in order)
    return Found(found.layout.copy_with(environments=environments), found.values, found.paths, found.doubts)


def proposal(repository: Repository, head: str, found: Found) -> tuple[Proposal, FileHistory]:
    """What to write, with the history that speaks for the rules."""
    places = {path: (each.name, at) for each in found.layout.files for at, path in each.paths.items()}
    history = file_history(repository, head, places)
    commits = _commits(history, places)
    ranks = {environment.name: environment.rank for environment in found.layout.environments}
    learned = learn(ranks, _before(commits, found.values), found.values, commits)
    return propose(found.layout, learned, found.values, found.paths), history


def _readable(
    repository: Repository, files: Mapping[str, str], name: str
) -> tuple[Layout, dict[str, Json], dict[str, str], list[str]]:
    """The layout of the files that hold a JSON object, their values, why the others are left out, and the environments
    that have only such files."""
    layout = find_layout(files, name)
    wanted = [path for application in layout.applications for path in application.paths.values()]
    read = zip(wanted, repository.objects(files[path] for path in wanted), strict=True)
    parsed: dict[str, Json] = {}
    unread: dict[str, str] = {}
    for path, data in read:
        value, reason = _value(data, path)
        if reason:
            unread[path] = reason
        else:
            parsed[path] = value
    named = layout.order
    if unread:
        layout = find_layout((path for path in files if path not in unread), name)
    return layout, parsed, unread, [each for each in named if each not in layout.order]


def _value(data: bytes | None, path: str) -> tuple[Json, str]:
    """The value, or why it cannot be one of an application."""
    if data is None:
        return None, "this clone does not have its content"
    if data.startswith(_LFS):
        return None, "it is a Git LFS pointer"
    document = read_json(data, name=path)
    if document.violations:
        first = document.violations[0]
        return None, f"it is not strict JSON ({first.message.rstrip('.')})"
    if not isinstance(document.value, dict):
        return None, "it holds no JSON object"
    return document.value, ""


def _named(layout: Layout, parsed: Mapping[str, Json]) -> Layout:
    """Applications have the name that all of their values agree on, unless two would have the same."""
    told = {each.name: _told(each, parsed) for each in layout.applications}
    final = {name: found or name for name, found in told.items()}
    counted = Counter(final.values())
    return layout.copy_with(
        applications=tuple(
            each.copy_with(name=final[each.name]) if counted[final[each.name]] == 1 else each
            for each in layout.applications
        )
    )


def _told(application: Application, parsed: Mapping[str, Json]) -> str:
    names = [find(parsed[path], "/application/name") for path in application.paths.values()]
    first = names[0]
    return first if isinstance(first, str) and is_name(first) and names.count(first) == len(names) else ""


def _with_base(
    repository: Repository, files: Mapping[str, str], layout: Layout, parsed: Mapping[str, Json]
) -> tuple[Layout, list[str]]:
    """A `base` beside the environments is the source of releases only if the first environment has its values."""
    first = layout.order[0]
    paths = {each.name: _base_path(each, layout) for each in layout.applications if first in each.paths}
    bases = {name: path for name, path in paths.items() if path in files}
    read = dict(zip(bases, repository.objects(files[path] for path in bases.values()), strict=True))
    sources, defaults, applications = [], [], []
    for each in layout.applications:
        path = bases.get(each.name, "")
        if path and _is_source(_value(read[each.name], path)[0], parsed[each.paths[first]]):
            sources.append(path)
        elif path and isinstance(each.values, str):
            defaults.append(path)
            named = {at: each.values.replace(MARK, at) for at in layout.order}
            applications.append(each.copy_with(values=named))
            continue
        applications.append(each)
    doubts = [f"Releases come from the base: {shown(sources)}."] if sources else []
    doubts += [f"Not promoted, as {first} does not have its values: {shown(defaults)}."] if defaults else []
    return layout.copy_with(applications=tuple(applications)), doubts


def _base_path(application: Application, layout: Layout) -> str:
    """Where Liftgate would look for the base; empty if nowhere."""
    written = applications.Application(values=application.values, folder=application.folder)
    roots = [environment.path.strip("/") for environment in layout.environments]
    root = written.base_root(roots)
    return written.path(root, applications.BASE) if root is not None and isinstance(application.values, str) else ""


def _is_source(base: Json, first: Json) -> bool:
    ours = [pointer for pointer, _ in leaves(base)] if isinstance(base, dict) else []
    theirs = {pointer for pointer, _ in leaves(first)}
    return bool(ours) and sum(pointer in theirs for pointer in ours) >= _COPIED * len(ours)


def _names_environment(path: str) -> bool:
    words = path.rpartition(".")[0].replace("/", ".").replace("-", ".").replace("_", ".").split(".")
    return not path.startswith(".") and any(environment_in(word) for word in words)


def _commits(history: FileHistory, places: Mapping[str, Place]) -> list[Commit]:
    """Versions that are no JSON object count as if the file did not exist then."""
    read: dict[bytes, Json] = {}

    def value(data: bytes | None) -> Json:
        if data is None:
            return MISSING
        if data not in read:
            document = read_json(data)
            read[data] = document.value if isinstance(document.value, dict) else MISSING
        return read[data]

    return [
        Commit(
            commit.sha,
            tuple(Change(places[each.path], value(each.before), value(each.after)) for each in commit.changes),
        )
        for commit in history.commits
    ]


def _before(commits: Sequence[Commit], now: Mapping[Place, Json]) -> dict[Place, Json]:
    """The values before the first commit: what it found, or what is there now if nothing changed."""
    start = dict(now)
    for commit in reversed(commits):
        start |= {change.place: change.before for change in commit.changes}
    return start
