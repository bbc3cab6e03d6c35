"""The plan to look at first in an adopted repository: one that changes something."""

from __future__ import annotations

from collections.abc import Iterable

from liftgate.domain.adoption.proposal import Proposal
from liftgate.domain.config.configuration import Configuration
from liftgate.domain.planning.plan import Ownership, make_plan
from liftgate.errors import Refused
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.repository import Repository
from liftgate.services.planning import targets


def first_plan(
    repository: Repository, head: str, proposal: Proposal, applications: Iterable[str]
) -> tuple[str, str] | None:
    """Application and environment of a plan that would change values, or let people decide about a conflict; None if
    there is none for these applications."""
    tree = ConfigSnapshot(repository, head, Configuration.model_validate(proposal.configuration))
    for name in applications:
        for environment in tree.configuration.order:
            if _has_changes(tree, name, environment):
                return name, environment
    return None


def _has_changes(tree: ConfigSnapshot, name: str, environment: str) -> bool:
    """False also where no plan can be made, as the first environment has no values of the application."""
    try:
        release = tree.release_at(name, tree.commit)
        plan = make_plan(
            release,
            base=None,
            targets=targets(tree, name, environment, release.names),
            owners=lambda file: Ownership(tree.rules(name, file)),
            policy_hash="",
        )
    except Refused:
        return False
    return bool(plan.edits or plan.blocking)
