"""The configuration in force at a commit: that of its `liftgate.json`, or the newest one before it that can be used."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

from liftgate.domain.common.value import Value
from liftgate.domain.config.configuration import FILE, NO_FILE, Configuration, read_configuration
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.repository import Repository

MOST: Final = 50
"""Versions of the file that are looked at, from the newest."""
Check: TypeAlias = Callable[[Configuration], None]
"""Raises Misconfigured for a configuration that can be read and cannot be used."""


class InForce(Value):
    """Where the commit's own file can be used, `commit` and `since` are empty."""

    configuration: Configuration
    commit: str = ""
    """The commit that brought it."""
    since: str = ""
    """The commit since which the file cannot be used."""

    @property
    def notice(self) -> str:
        """For people; empty where the commit's own file can be used. Without the mistakes, which may show values."""
        if not self.since:
            return ""
        instead = f"rollbacks and the checks of changes by hand use the configuration of commit {self.commit[:12]}"
        return f"{FILE} cannot be used since commit {self.since[:12]}, so {instead}"


@lru_cache(maxsize=64)
def configuration_in_force(repository: Repository, commit: str, check: Check) -> InForce:
    """By the first-parent line, so that nothing counts which was only in a merged branch. Where the commit's own file
    can be used, git is asked nothing else.

    Raises Misconfigured with the mistakes of the newest where none can be used; Unavailable.
    """
    found = _usable(repository, commit, check)
    if isinstance(found, Configuration):
        return InForce(configuration=found)
    versions = [each.sha for each in repository.log(commit, paths=(FILE,), limit=MOST)]
    for newer, older in pairwise(versions):
        earlier = _usable(repository, older, check)
        if isinstance(earlier, Configuration):
            return InForce(configuration=earlier, commit=older, since=newer)
    raise Misconfigured(f"{found}\nnone of the newest {len(versions)} versions of {FILE} can be used")


def _usable(repository: Repository, commit: str, check: Check) -> Configuration | Misconfigured:
    """Why it cannot be used is an answer; that git cannot read it now is none, and is raised."""
    try:
        file = repository.file(commit, FILE)
    except Refused as link:
        return Misconfigured(str(link))
    if file is None:
        return Misconfigured(NO_FILE)
    try:
        configuration = read_configuration(file.data)
        check(configuration)
    except Misconfigured as wrong:
        return wrong
    return configuration
