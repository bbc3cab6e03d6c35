"""The applications of a repository whose `liftgate.json` names none: by `application.name` in each `values.json`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from liftgate.domain.common.names import is_name
from liftgate.domain.common.value import Json
from liftgate.domain.config.application import Application
from liftgate.domain.config.configuration import FILE
from liftgate.domain.config.places import shared_file
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.repository import Repository

ValuesPaths = Sequence[tuple[str, str]]
"""Of each values file the folder below the environment's, and its path."""


class Found(NamedTuple):
    applications: dict[str, Application]
    nameless: dict[str, str]
    """Path of each values file that does not tell its application's name, and what is wrong with it."""


def found_applications(read: Callable[[str], Json], files: ValuesPaths) -> Found:
    """By folder; a file that cannot be read is told by its neighbours, and is nameless where it has none."""
    found: dict[str, Application] = {}
    unnamed: dict[tuple[str, str], str] = {}
    for below, path in files:
        try:
            found.setdefault(_name(path, read(path)), Application(folder=below))
        except Refused as error:
            unnamed[below, path] = str(error)
    named = {application.folder for application in found.values()}
    return Found(found, {path: why for (below, path), why in unnamed.items() if below not in named})


def values_paths(repository: Repository, commit: str, environments: Mapping[str, str]) -> ValuesPaths:
    """Every file that can be an application's values. Raises Misconfigured for a file that two environments reach."""
    reached: dict[str, tuple[str, str]] = {}
    for name, root in environments.items():
        for path, _ in repository.paths(commit, root):
            below = path.removeprefix(f"{root}/")
            if below != "values.json" and not (below.endswith("/values.json") and below.count("/") == 1):
                continue
            if path in reached:
                raise Misconfigured(f"{FILE}: environments: {shared_file(path, reached[path][0], name)}")
            reached[path] = name, below.removesuffix("values.json").strip("/")
    return tuple((below, path) for path, (_, below) in reached.items())


def _name(path: str, value: Json) -> str:
    application = value.get("application") if isinstance(value, dict) else None
    name = application.get("name") if isinstance(application, dict) else None
    if not isinstance(name, str) or not name:
        raise Refused(f"{path}: /application/name is missing, so these values belong to no application")
    if not is_name(name):
        raise Refused(f"{path}: /application/name is no name: letters, digits, dots and dashes, up to 100")
    return name
