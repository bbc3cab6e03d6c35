"""The branches of promotions that are proposed by pull request."""

from __future__ import annotations

from liftgate.domain.promotion.attempt import PROPOSALS
from liftgate.integrations.git.repository import Repository

_UNDER = f"refs/heads/{PROPOSALS}"


def proposed(repository: Repository) -> frozenset[str]:
    """The promotions whose proposal is there, as last fetched: by one process, however many there are."""
    listed = repository.git("for-each-ref", "--format=%(refname)", _UNDER)
    return frozenset(ref.removeprefix(_UNDER) for ref in listed.split())
