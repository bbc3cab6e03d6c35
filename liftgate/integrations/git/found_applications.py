"""The applications of a repository whose `liftgate.json` names none: by `application.name` in each `values.json`.

The index keeps the name by the content of the file, so at a new commit only the files are read that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from liftgate.domain.common.names import is_name
from liftgate.domain.common.value import Json
from liftgate.domain.config.application import Application
from liftgate.domain.config.configuration import FILE
from liftgate.domain.config.places import shared_file
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.read_ahead import read_ahead
from liftgate.integrations.git.remembered_facts import RememberedFacts
from liftgate.integrations.git.repository import Repository

ValuesPaths = Sequence[tuple[str, str, str]]
"""Of each values file the folder below the environment's, its path, and the id of its blob."""
_NAMES: Final = "application.name of values"
_remembered: Final = RememberedFacts(most=100_000)


class Found(NamedTuple):
    applications: dict[str, Application]
    nameless: dict[str, str]
    """Path of each values file that does not tell its application's name, and what is wrong with it."""


def found_applications(repository: Repository, commit: str, read: Callable[[str], Json], files: ValuesPaths) -> Found:
    """By folder; a file that cannot be read is told by its neighbours, and is nameless where it has none."""
    found: dict[str, Application] = {}
    unnamed: dict[tuple[str, str], str] = {}
    names, wrong = _names(repository, commit, read, files)
    for below, path, _ in files:
        if path in wrong:
            unnamed[below, path] = wrong[path]
        else:
            found.setdefault(names[path], Application(folder=below))
    named = {application.folder for application in found.values()}
    return Found(found, {path: why for (below, path), why in unnamed.items() if below not in named})


def _names(
    repository: Repository, commit: str, read: Callable[[str], Json], files: ValuesPaths
) -> tuple[dict[str, str], dict[str, str]]:
    """By path the names, and why a file tells none. A link that has the same text as a file is found to be one when its
    values are read."""
    blobs = {path: blob for _, path, blob in files}
    known = _remembered.known(repository.index, _NAMES, [*filter(None, dict.fromkeys(blobs.values()))])
    names = {path: known[blob].decode() for path, blob in blobs.items() if blob in known}
    wrong: dict[str, str] = {}
    new = [path for path in blobs if path not in names]
    for path in read_ahead(repository, commit, new, lambda one: [one]):
        try:
            names[path] = _name(path, read(path))
        except Refused as error:
            wrong[path] = str(error)
    made = {blobs[path]: names[path].encode() for path in new if path in names and blobs[path]}
    _remembered.keep(repository.index, _NAMES, made)
    return names, wrong


def values_paths(repository: Repository, commit: str, environments: Mapping[str, str]) -> ValuesPaths:
    """Every file that can be an application's values. Raises Misconfigured for a file that two environments reach."""
    reached: dict[str, tuple[str, str, str]] = {}
    for name, root in environments.items():
        for path, blob in repository.paths(commit, root):
            below = path.removeprefix(f"{root}/")
            if below != "values.json" and not (below.endswith("/values.json") and below.count("/") == 1):
                continue
            if path in reached:
                raise Misconfigured(f"{FILE}: environments: {shared_file(path, reached[path][0], name)}")
            reached[path] = name, below.removesuffix("values.json").strip("/"), blob
    return tuple((below, path, blob) for path, (_, below, blob) in reached.items())


def _name(path: str, value: Json) -> str:
    application = value.get("application") if isinstance(value, dict) else None
    name = application.get("name") if isinstance(application, dict) else None
    if not isinstance(name, str) or not name:
        raise Refused(f"{path}: /application/name is missing, so these values belong to no application")
    if not is_name(name):
        raise Refused(f"{path}: /application/name is no name: letters, digits, dots and dashes, up to 100")
    return name
