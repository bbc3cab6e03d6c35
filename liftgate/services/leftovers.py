"""The branches and pull requests of promotions that are over: a process that was killed takes nothing away, a run
that is cancelled at its gate has no process, and a merge leaves its branch."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Final, Protocol

from liftgate.domain.promotion.attempt import PREVIEWS
from liftgate.errors import LiftgateError
from liftgate.integrations.git.proposals import of_promotions
from liftgate.integrations.runs.run import Run
from liftgate.services.ports import HasBranch, HasClock, HasForge, HasRuns


class Ports(HasBranch, HasRuns, HasForge, HasClock, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
MOST: Final = 5
"""How many promotions are looked at in one round; the next round looks at the next ones."""
SOON: Final = 10.0
"""Seconds after which one is looked at again whose run has begun since the runs were listed."""
AGAIN: Final = 600.0
"""The same where Prefect does not know the run, or what it left could not be taken away."""
ENDED: Final = {
    "CANCELLED": "The promotion was cancelled.",
    "FAILED": "The promotion ended with an error.",
    "COMPLETED": "The promotion has ended.",
}
"""What the pull request says then. A crashed run starts again."""


class Leftovers:
    def __init__(self, at: Ports) -> None:
        self._at = at
        self._again: dict[str, float] = {}
        """By promotion, when it is looked at again."""

    def look(self, under_way: Collection[str]) -> None:
        """At some branches, as last fetched, of promotions that are not under way. Raises Unavailable where Prefect
        does not answer; what cannot be taken away is logged, and stops no other."""
        found, now = of_promotions(self._at.git), self._at.clock.monotonic()
        self._again = {promotion: when for promotion, when in self._again.items() if promotion in found}
        due = [each for each in found if each not in under_way and self._again.get(each, now) <= now]
        for promotion in due[:MOST]:
            run = self._at.runs.read(promotion)
            is_under_way = run is not None and run.state not in ENDED
            self._again[promotion] = now + (SOON if is_under_way else AGAIN)
            if run is None or is_under_way:
                continue
            try:
                for branch in found[promotion]:
                    self._take_away(run, branch)
            except LiftgateError as error:
                log.warning("%s is over, and its branch could not be removed: %s", run.name, error)

    def _take_away(self, run: Run, branch: str) -> None:
        at = self._at
        if not branch.startswith(PREVIEWS) and at.forge.has_pull_requests:
            pull = at.forge.find(branch, at.git.branch)
            if pull and pull.state == "open":
                at.forge.close(pull.number, branch, ENDED[run.state])
        at.git.remove(f"refs/heads/{branch}")
