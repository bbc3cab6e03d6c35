"""Which of two releases is older: by their versions, and by the commits that fix them."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain.common.semantic_version import is_lower
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.main_line import is_on_a_branch
from liftgate.integrations.git.repository import Repository


class Dated(Protocol):
    """A release, or what is known of one."""

    @property
    def version(self) -> str: ...

    @property
    def source(self) -> str:
        """The SHA of the commit that fixes it; empty if it is not known."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files at that commit."""


def is_older(git: Repository, one: Dated, other: Dated) -> bool:
    """Whether its version is lower, or its commit is a strict ancestor of the other's; a commit that a rewritten branch
    lost tells nothing, and nor do those of other files if the version is higher: an update in one environment is newer
    than a release that was under way. Raises Unavailable."""
    if is_lower(one.version, other.version):
        return True
    if one.paths != other.paths and is_lower(other.version, one.version):
        return False
    older, newer = one.source, other.source
    return bool(older) and older != newer and is_on_a_branch(git, newer) and contains(git, newer, older)
