"""The branches of promotions that are proposed by pull request, and those that are there only to be looked at."""

from __future__ import annotations

from typing import Final

from liftgate.domain.promotion.attempt import PREVIEWS, PROPOSALS
from liftgate.integrations.git.refs import listed_refs
from liftgate.integrations.git.repository import Repository

_HEADS: Final = "refs/heads/"


def proposed(repository: Repository) -> frozenset[str]:
    """The promotions whose proposal is there, as last fetched."""
    return frozenset(branch.removeprefix(PROPOSALS) for branch in _under(repository, PROPOSALS))


def of_promotions(repository: Repository) -> dict[str, list[str]]:
    """The same branches, and those of previews, by promotion."""
    found: dict[str, list[str]] = {}
    for branch in _under(repository, PREVIEWS, PROPOSALS):
        found.setdefault(branch.rpartition("/")[2], []).append(branch)
    return found


def _under(repository: Repository, *prefixes: str) -> list[str]:
    return [ref.removeprefix(_HEADS) for ref in listed_refs(repository, [f"{_HEADS}{prefix}" for prefix in prefixes])]
