"""Which votes still stand: the same answer in the flow that counts and in the gatehouse that asks."""

from __future__ import annotations

from collections.abc import Sequence

from liftgate.domain.promotion import proposal_branch
from liftgate.domain.review import withdrawn
from liftgate.domain.vote import Vote
from liftgate.integrations.git.tree import Tree
from liftgate.wiring import Integrations


def standing(at: Integrations, tree: Tree, run: str, votes: Sequence[Vote], *, within: float = 0.0) -> tuple[Vote, ...]:
    """Without the approvals of reviews that were dismissed, or changed to another word, since.

    The forge is asked only where there is such a vote, and may have been up to `within` seconds ago.
    Raises Unavailable, Misconfigured.
    """
    if not any(_by_review(vote) for vote in votes):
        return tuple(votes)
    seen = at.forge.reviewed(proposal_branch(run), at.git.branch, within=within)
    gone = withdrawn(seen.reviews) if seen else frozenset()
    people = tree.configuration.people
    logins = {name: at.forge.login(person).lower() for name, person in people.items()}
    return tuple(vote for vote in votes if not (_by_review(vote) and logins.get(vote.person, "") in gone))


def _by_review(vote: Vote) -> bool:
    return vote.through == "forge" and vote.decision == "approve"
