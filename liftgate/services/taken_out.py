"""Whether a person took an application out of an environment: its values, and what deploys them."""

from __future__ import annotations

from typing import Protocol

from liftgate.domain.argocd.sync_waves import names
from liftgate.domain.promotion.take_over import HandMade
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.services.ports import HasBranch, HasDeployer


class Ports(HasBranch, HasDeployer, Protocol):
    """What these use cases need."""


def is_taken_out(at: Ports, tree: ConfigSnapshot, hand: HandMade) -> bool:
    """Values that are gone while Argo CD still deploys them are a mistake. Without a clear answer of Argo CD they are
    one too, as where the configuration names nothing that Argo CD deploys. What Argo CD deletes it deploys no more.
    Raises Unavailable."""
    try:
        if tree.files_in(hand.application, hand.environment, hand.commit):
            return False
        listed = names(tree.argocd(hand.application, hand.environment))
        found = map(at.deployer.get, listed)
        return bool(listed) and all(each is None or each.deleting for each in found)
    except (Misconfigured, Refused):
        return False


def taken_out_of(hand: HandMade) -> str:
    """In a sentence."""
    there = f"{hand.application} was taken out of {hand.environment}"
    return f"{there}: neither its values nor what Argo CD deploys them with are there"
