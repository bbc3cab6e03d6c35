"""What a commit has for each application in each environment: of the next commit only what changed is read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

from liftgate.domain.promotion.board import There
from liftgate.errors import LiftgateError
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.read_ahead import read_ahead

Known = dict[tuple[str, str], There]
"""By application and environment."""


class _Read(NamedTuple):
    tree: ConfigSnapshot
    known: Known


_newest: Final[list[_Read]] = []
"""At most one."""


def there(tree: ConfigSnapshot, application: str, environment: str) -> There:
    """Does not raise for values that cannot be read: `trouble` says why."""
    known, place = _read_at(tree), (application, environment)
    try:
        if place not in known:
            known[place] = _there(tree, application, environment)
    except LiftgateError as error:
        return There(application=application, environment=environment, trouble=str(error))
    return known[place]


def applications(tree: ConfigSnapshot) -> Iterator[str]:
    """All of them; before some of them come, git was asked for what `there` would read one after the other."""
    known = _read_at(tree)

    def paths(name: str) -> list[str]:
        places = (place for place in product([name], tree.configuration.order) if place not in known)
        return [path for place in places for path in tree.paths(*place).values()]

    return read_ahead(tree.repository, tree.commit, tree.applications, paths)


@lru_cache(maxsize=2)
def _read_at(tree: ConfigSnapshot) -> Known:
    known = _unchanged(_newest[0], tree) if _newest else {}
    _newest[:] = [_Read(tree, known)]
    return known


def _unchanged(before: _Read, tree: ConfigSnapshot) -> Known:
    """What was read of another commit and is the same here. Nothing where a file of JSON changed that is no place's: it
    may be a schema, or new values."""
    if before.tree.repository is not tree.repository or before.tree.configuration is not tree.configuration:
        return {}
    try:
        (raw,) = tree.repository.changes([(tree.commit, before.tree.commit)])
        paths = {place: {path.encode() for path in tree.paths(*place).values()} for place in [*before.known]}
    except LiftgateError:
        return {}
    changed = {*raw.split(b"\0")[1::2]}
    others = changed.difference(*paths.values())
    if not changed or any(path.endswith(b".json") for path in others):
        return {}
    return {place: before.known[place] for place, mine in paths.items() if not mine & changed}


def _there(tree: ConfigSnapshot, application: str, environment: str) -> There:
    release = tree.release_here(application, environment)
    version, identity = (release.version, release.id) if release else ("", "")
    return There(application=application, environment=environment, version=version, release=identity)
