"""What an empty plan means: there is nothing to do, or what is there is not verified for this release yet."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain.ledger import ledger
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import outcomes
from liftgate.services.commit_plan import wait_for_others
from liftgate.services.entry_release import brought
from liftgate.services.outcomes import Result
from liftgate.services.standing_values import is_of_another, newest_of_values


class Ports(outcomes.Ports, Protocol):
    """What these use cases need."""


def nothing_to_change(at: Ports, promotion: GatedChange) -> tuple[GatedChange, Result | None]:
    """Nothing to do; or the promotion with the newest commit of the values as its revision, where its release is not
    verified there yet: a person made that commit, or the environment keeps what the release would change.

    Raises Unavailable while the promotion that made the commit has no outcome.
    """
    name, environment, tree = promotion.application, promotion.environment, at.tree(promotion.head)
    entries = ledger.entries_of(at.entries(name), name, environment)
    there = [*tree.paths(name, environment).values()]
    release = brought(promotion) or tree.release_at(name, promotion.head, there)
    newest = newest_of_values(tree, name, environment)
    if not newest or ledger.verified(entries, release.id):
        return promotion, Result.nothing()
    found = promotion.copy_with(revision=newest, found=True)
    if is_of_another(at, found):
        at.git.fetch()
        wait_for_others(at, promotion, promotion.head)
    return found, None
