"""What a run that died needs: to go on, to be rolled back, to be woken, or to be left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from liftgate.domain.ledger import Entry
from liftgate.domain.value import Value

Action = Literal["leave alone", "go on", "roll back", "wake", "tell"]
RERUNS = 5
"""How often one run is set to begin again before people are asked to look."""
QUIET = timedelta(minutes=2)
UNHEARD = timedelta(seconds=90)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0, 5, 30, 120, 300))
"""From a failure until the run is set to begin again, by how often it was: together longer than an outage's minutes."""
CLAIM = timedelta(seconds=30)
"""How long one gatehouse may take to do what it said it would; then another one (or the same) does it."""
NEVER_RESUMED = "never resumed"
"""Prefect's words for a gate whose time ran out; no process ran, so the flow has not heard of it."""


class Standing(Value):
    """A run as Prefect, Git and the ledger show it."""

    flow: Literal["promote", "update", "rollback", "nightly"]
    state: str
    state_name: str
    message: str
    since: datetime
    """When it entered the state; for a running one, its last sign of life."""
    now: datetime
    committed: bool = False
    """Whether a commit on the branch carries its promotion id."""
    deadline: datetime | None = None
    """Until when a committed run has for its verdict; an error before that is none."""
    entry: Entry | None = None
    decided: bool = False
    """Whether the votes on a suspended run's gate decide it."""
    outdated: bool = False
    """Whether a suspended run must plan again, because Git gives another plan now."""
    heard: datetime | None = None
    """When a worker was last heard from."""
    claims: tuple[datetime, ...] = ()
    """When it was said, on the run itself, that it would be set to begin again."""

    @property
    def brings_values(self) -> bool:
        return self.flow in ("promote", "update")


class Need(Value):
    action: Action
    sentence: str
    is_final: bool = False
    """Whether the run needs nothing as long as it stays as it is."""


def need(run: Standing) -> Need:
    """By the run's state; each rule is safe to be applied again."""
    wanted = _RULES.get(run.state, _alone)(run)
    if wanted.action not in ("go on", "roll back"):
        return wanted
    if run.claims and run.now - max(run.claims) < CLAIM and max(run.claims) > run.since:
        return Need(action="leave alone", sentence="is being set to begin again")
    if len(run.claims) >= RERUNS:
        return Need(
            action="tell", sentence=f"began again {RERUNS} times and did not end; people must look: {run.message}"
        )
    if run.state == "FAILED" and run.now - run.since < PAUSES[len(run.claims)]:
        return Need(action="leave alone", sentence="is set to begin again in a moment")
    return wanted


def is_unheard(heard: datetime | None, now: datetime) -> bool:
    """Whether no worker is there: `heard` is when one was last heard from."""
    return heard is None or now - heard > UNHEARD


def _alone(_run: Standing) -> Need:
    return Need(action="leave alone", sentence="goes its way")


def _crashed(_run: Standing) -> Need:
    return Need(action="go on", sentence="its process died; every effect is found again by its id")


def _failed(run: Standing) -> Need:
    if not run.brings_values:
        return _interrupted(run) if run.flow == "rollback" else _over()
    if NEVER_RESUMED in run.message:
        return Need(action="go on", sentence="nobody decided in time; the flow records that")
    if run.entry:
        good = run.entry.good
        return Need(action="go on", sentence="its outcome is good but was not concluded") if good else _over()
    if not run.committed:
        return _over()
    if run.state_name == "Unavailable" or (run.deadline and run.now < run.deadline):
        return Need(action="go on", sentence=f"an error after its commit is no verdict: {run.message}")
    return Need(action="roll back", sentence=f"no verdict in time after its commit: {run.message}")


def _interrupted(run: Standing) -> Need:
    """A rollback that an error ended, by the error's name: going on finds what it did."""
    if run.state_name in ("Unavailable", "Misconfigured"):
        return Need(action="go on", sentence=f"something was away: {run.message}")
    return _over()


def _over() -> Need:
    return Need(action="leave alone", sentence="is over", is_final=True)


def _cancelled(run: Standing) -> Need:
    if not run.brings_values or run.entry:
        return _over()
    if run.committed:
        return Need(action="roll back", sentence="was cancelled after its commit, before its outcome")
    return Need(action="tell", sentence="was cancelled before anything was changed")


def _paused(run: Standing) -> Need:
    if run.outdated:
        return Need(action="wake", sentence="what it planned is not what would be planned now")
    if run.decided:
        return Need(action="wake", sentence="the votes decide, and nobody has woken it")
    return Need(action="leave alone", sentence="waits for people")


def _running(run: Standing) -> Need:
    """A worker reports what happens to its own runs; this is for when no worker is left to do so."""
    if is_unheard(run.heard, run.now) and run.now - run.since > QUIET:
        return Need(action="go on", sentence="no worker is left, and it gives no sign of life")
    return _alone(run)


_RULES = {
    "CRASHED": _crashed,
    "FAILED": _failed,
    "CANCELLED": _cancelled,
    "PAUSED": _paused,
    "RUNNING": _running,
    "PENDING": _running,
}
