"""Starts a run for each commit that a person made by hand: soon after it came, once, however many servers look."""

from __future__ import annotations

import logging
from threading import Lock
from typing import Final, Protocol

from liftgate.domain.promotion.take_over import FLOW, HandMade, hand_made_of
from liftgate.errors import LiftgateError, Unavailable
from liftgate.integrations.ledger import git_branch
from liftgate.services.hand_made import find_hand_made
from liftgate.services.in_force import in_force_for_people
from liftgate.services.ports import HasBranch, HasRuns


class Ports(HasBranch, HasRuns, Protocol):
    """What these use cases need."""


log = logging.getLogger(__name__)
AT_ONCE: Final = 20
"""The most runs that are started at one look; the next look starts the next ones."""
_ALIVE: Final = ("SCHEDULED", "PENDING", "RUNNING")
"""A crashed run is scheduled again, or given up: then it holds nothing."""
_LISTED: Final = 1000


class TakeOvers:
    """Of one server. Nothing is read while branch and ledger stay the same."""

    def __init__(self, at: Ports) -> None:
        self._at = at
        self._seen = ("", "")
        self._waiting: list[HandMade] = []
        self._started: set[str] = set()
        self._trouble = ""
        self._one_at_a_time = Lock()

    def look(self) -> list[HandMade]:
        """Start what is new on the branch as last fetched; returns what was started. An error is logged once, and the
        next look tries again."""
        with self._one_at_a_time:
            try:
                started = self._look()
            except LiftgateError as error:
                if self._trouble != str(error):
                    log.warning("changes by hand could not be taken over: %s", error)
                self._trouble = str(error)
                return []
            self._trouble = ""
            return started

    def _look(self) -> list[HandMade]:
        now = self._at.git.head, self._at.git.resolve(git_branch.REF)
        if now != self._seen:
            found = list(find_hand_made(in_force_for_people(self._at)))
            self._started &= {each.promotion for each in found}
            self._waiting = [each for each in found if each.promotion not in self._started]
            self._seen = now
        started: list[HandMade] = []
        while self._waiting and len(started) < AT_ONCE:
            start_take_over(self._at, self._waiting[0])
            started.append(self._waiting.pop(0))
            self._started.add(started[-1].promotion)
        return started


def start_take_over(at: Ports, hand: HandMade) -> None:
    """The key makes it safe to repeat, also by another server: Prefect has one run of it."""
    parameters = {"application": hand.application, "environment": hand.environment, "commit": hand.commit}
    tags = [f"application:{hand.application}", f"environment:{hand.environment}"]
    title = f"{hand.application} by hand → {hand.environment}"
    run = at.runs.create(FLOW, parameters, idempotency_key=hand.promotion, name=title, tags=tags)
    log.info("%s: commit %s was made by hand; run %s takes it over", title, hand.commit[:12], run.id)


def run_of_take_over(at: Ports, promotion: str) -> str:
    """The run that takes this commit over; empty if Prefect lists none."""
    found = at.runs.find(flows=(FLOW,), limit=_LISTED).runs
    return next((run.id for run in found if hand_made_of(run.parameters).promotion == promotion), "")


def wait_for_take_over(at: Ports, application: str, environment: str) -> None:
    """A promotion is not committed on top of a change that is being verified. What Prefect says of other runs can only
    delay it. Raises Unavailable while one is under way."""
    for run in at.runs.find(flows=(FLOW,), states=_ALIVE, limit=_LISTED).runs:
        hand = hand_made_of(run.parameters)
        if hand.place == (application, environment) and not _is_recorded(at, hand):
            raise Unavailable(f"{environment} is busy with commit {hand.commit[:12]}, which was made by hand")


def _is_recorded(at: Ports, hand: HandMade) -> bool:
    return any(entry.promotion == hand.promotion for entry in at.entries(hand.application, hand.environment))
