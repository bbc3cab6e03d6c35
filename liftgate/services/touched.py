"""Which applications in which environments a change by hand touches, told by the paths of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from liftgate.integrations.git.config_snapshot import ConfigSnapshot


@dataclass(frozen=True)
class Touched:
    environment: str
    application: str = ""
    files: dict[str, str] = field(default_factory=dict)
    """Path of each values file that changes, by its name; none where only other files change."""
    others: list[str] = field(default_factory=list)


def touched(trees: Iterable[ConfigSnapshot], paths: Iterable[str]) -> list[Touched]:
    """In the order of the pipeline. `trees` are those before and after the change: what one of them has counts.

    A values file belongs to its application; any other file to the one in whose folder it is, else to the environment
    alone.
    """
    trees = list(trees)
    places = [_Places(tree) for tree in trees]
    found: dict[tuple[str, str], Touched] = {}
    for path in paths:
        for environment, application, file in dict.fromkeys(each for one in places for each in one.of(path)):
            known = found.setdefault((environment, application), Touched(environment, application))
            if file is not None:
                known.files[file] = path
            elif path not in known.others:
                known.others.append(path)
    order = list(dict.fromkeys(name for tree in trees for name in tree.configuration.order))
    return sorted(found.values(), key=lambda each: (order.index(each.environment), each.application))


class _Places:
    """Of one state of the repository: who has a file."""

    def __init__(self, tree: ConfigSnapshot) -> None:
        self._values: dict[str, tuple[str, str, str]] = {}
        self._folders: dict[str, set[tuple[str, str]]] = {}
        for environment, root in tree.configuration.environments.items():
            self._folders.setdefault(root, set()).add((environment, ""))
        for name, application in tree.readable.items():
            for environment, root in tree.configuration.environments.items():
                if paths := tree.paths(name, environment):
                    self._values |= {path: (environment, name, file) for file, path in paths.items()}
                    folder = application.own_folder(root, environment)
                    self._folders.setdefault(folder, set()).add((environment, name))

    def of(self, path: str) -> Iterator[tuple[str, str, str | None]]:
        """Environment, application, and the name of the values file; None for any other file."""
        if path in self._values:
            yield self._values[path]
            return
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            if owners := self._folders.get(folder):
                named = {owner for owner in owners if owner[1]}
                environments = {environment for environment, _ in owners}
                # A folder that several applications or environments share says nothing of any one of them.
                if len(environments) == 1:
                    owner = next(iter(named)) if len(named) == 1 else (next(iter(environments)), "")
                    yield *owner, None
                return
