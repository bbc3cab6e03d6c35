"""Which applications in which environments a change by hand touches, told by the paths of its files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from liftgate.integrations.git.config_snapshot import ConfigSnapshot


@dataclass(frozen=True)
class Touched:
    environment: str
    application: str = ""
    path: str = ""
    """The values file; empty where only other files change."""
    others: list[str] = field(default_factory=list)


def touched(trees: Iterable[ConfigSnapshot], paths: Iterable[str]) -> list[Touched]:
    """In the order of the pipeline. `trees` are those before and after the change: what one of them has counts.

    A file belongs to the application whose values file it is, else to the one in whose folder it is, else to the
    environment alone.
    """
    trees = list(trees)
    places = [_Places(tree) for tree in trees]
    found: dict[tuple[str, str], Touched] = {}
    for path in paths:
        for environment, application, is_values in dict.fromkeys(each for one in places for each in one.of(path)):
            known = found.get((environment, application), Touched(environment, application))
            if is_values:
                known = Touched(environment, application, path, known.others)
            elif path not in known.others:
                known.others.append(path)
            found[environment, application] = known
    order = list(dict.fromkeys(name for tree in trees for name in tree.configuration.order))
    return sorted(found.values(), key=lambda each: (order.index(each.environment), each.application))


class _Places:
    """Of one state of the repository: who has a file."""

    def __init__(self, tree: ConfigSnapshot) -> None:
        self._values: dict[str, tuple[str, str]] = {}
        self._folders: dict[str, set[tuple[str, str]]] = {}
        for environment, root in tree.configuration.environments.items():
            self._folders.setdefault(root, set()).add((environment, ""))
        for name, application in tree.readable.items():
            for environment, root in tree.configuration.environments.items():
                if not application.file(environment):
                    continue
                folder, path = application.place(root, environment)
                self._values[path] = environment, name
                self._folders.setdefault(folder, set()).add((environment, name))

    def of(self, path: str) -> Iterator[tuple[str, str, bool]]:
        """Environment, application, and whether it is the values file."""
        if path in self._values:
            yield *self._values[path], True
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
                    yield *owner, False
                return
