"""Call people when a rollback needs them: a message of its own, once, with names and what to do."""

from __future__ import annotations

from typing import Any

from prefect import task
from prefect.client.schemas.objects import State
from prefect.states import Failed

from liftgate.domain import by_hand, ledger
from liftgate.domain.announcement import Announcement
from liftgate.domain.ledger import Entry
from liftgate.domain.promotion import Promotion
from liftgate.integrations.git import restoring
from liftgate.wiring import Integrations, integrations
from tasks.retry import PLAIN
from tasks.tell import post_once, told_at
from tasks.values_back import overlaps


@task(name="call-people", task_run_name="call people", **PLAIN)
def call_people(rollback: Promotion, why: str) -> str:
    """What they were told, for where nobody reads a chat."""
    at = integrations()
    said = _not_healed(at, rollback, why) if rollback.revision else _stuck(at, rollback, why)
    post_once(at, said, rollback.requested_at)
    return by_hand.in_words(said)


def stuck(rollback: Promotion, state: State[Any]) -> State[Any]:
    """The end of a run that could not push, named as its error is: the sweep goes on with one that will heal."""
    error = state.result(raise_on_failure=False)
    name = type(error).__name__ if isinstance(error, Exception) else "Failed"
    why = str(error or state.message)
    told = call_people(rollback, why, return_state=True)
    return Failed(name=name, message=told.result() if told.is_completed() else why)


def _stuck(at: Integrations, rollback: Promotion, why: str) -> Announcement:
    undo = at.git.log(rollback.undo, limit=1)[0] if rollback.undo else None
    listed = by_hand.commands(
        rollback,
        at.git.branch,
        mainline=undo is not None and len(undo.parents) > 1,
        as_file=undo is None or overlaps(at, at.git.head, rollback),
    )
    return by_hand.stuck(rollback, why, listed, _calls(at, rollback), at.page(told_at(rollback)))


def _not_healed(at: Integrations, rollback: Promotion, why: str) -> Announcement:
    return by_hand.not_healed(rollback, why, _other(at, rollback), _calls(at, rollback), at.page(told_at(rollback)))


def _other(at: Integrations, rollback: Promotion) -> Entry | None:
    """The newest verified promotion whose values are not those that are there now."""
    name, environment = rollback.application, rollback.environment
    tree, file = at.tree(at.git.head), at.git.file(rollback.revision, rollback.path)
    now = file.data if file else None
    past = reversed(ledger.restorable(at.entries(name, environment)))
    return next((e for e in past if restoring.as_verified(tree, name, environment, e.revision) != now), None)


def _calls(at: Integrations, rollback: Promotion) -> tuple[str, ...]:
    configuration = at.tree(rollback.head).configuration
    approvals = configuration.policy_of(rollback.environment).approvals
    return by_hand.called(approvals.people if approvals else (), configuration.people, at.chat.account)
