"""What the Liftgate server signs, in tests that have no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liftgate.domain.approval.pause import Resume, place_in
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.approval.vote import Decision, Vote
from liftgate.domain.commits import signature
from liftgate.domain.commits.allowed_signers import read_allowed
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.git import pauses
from liftgate.integrations.ledger import pause_files
from liftgate.integrations.runs import Runs
from liftgate.services.notes import Notes
from tests.examples import ALLOWED_SIGNERS, NOW, SERVER
from tests.integrations.conftest import AUTHOR

if TYPE_CHECKING:
    from tests.lab import Lab


def resume_promotions(lab: Lab, environment: str = "") -> None:
    """By ada; empty: those of all environments."""
    mirror, signers = lab.remote, read_allowed(ALLOWED_SIGNERS)
    for each in pause_files.read_pauses(mirror, signers):
        if each.environment == environment:
            pauses.remove_branch(mirror, place_in(each.id))
            data = sign_statement(Resume(pause=each.id, person="ada", at=NOW), SERVER, signature.VOTES).encode()
            pause_files.lift_pause(mirror, signers, each.id, data, AUTHOR, NOW)


def cast_vote(runs: Runs, run: str, plan: str, person: str, decision: Decision) -> None:
    """The person's vote on the plan, and on what the run's notes show of it."""
    notes = Notes(runs, run)
    seen = notes.shown(plan)
    cast = Vote(
        run=run, plan=plan, shown=seen.page, rendered=seen.rendered, person=person, decision=decision,
        at=SystemClock().now(), through="api",
    )  # fmt: skip
    notes.keep_vote(cast, sign_statement(cast, SERVER, signature.VOTES))
