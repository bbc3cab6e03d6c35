"""What a run that stopped needs: to continue, to be rolled back, to be woken, or nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from liftgate.domain.common.value import Value
from liftgate.domain.ledger.ledger import Entry

Action = Literal["leave alone", "go on", "roll back", "wake", "tell", "cancel"]
RERUNS = 5
"""How often a run is restarted before people are called."""
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (0, 5, 30, 120, 300))
"""The wait from a failure to each restart: together longer than an outage of some minutes."""
CLAIM = timedelta(seconds=30)
"""How long a server may take to restart a run that it claimed; then any server may claim it again."""
HELD = "Held"
"""The state of a run that is made and not given its request yet; it never began."""
HELD_FOR = timedelta(minutes=2)
"""After so long it is given up: its maker died, was cancelled, or lost Prefect's answer."""
NOT_STARTED = "NotStarted"
"""The state of a run that was given up. Who makes it again under the same key goes on with it."""
NEVER_RESUMED = "never resumed"
"""Prefect's words for a gate that timed out; no process ran, so the flow does not know it."""


class RunSnapshot(Value):
    """A run as Prefect, Git and the ledger show it."""

    flow: Literal["promote", "update", "rollback", "nightly", "take-over"]
    state: str
    state_name: str
    message: str
    since: datetime
    """When it entered the state."""
    now: datetime
    committed: bool = False
    """Whether a commit on the branch carries its promotion id, or still is to be taken over by it."""
    deadline: datetime | None = None
    """When a committed run must have its verdict; an error before that is not a verdict."""
    entry: Entry | None = None
    decided: bool = False
    """Whether the votes decide the gate of a suspended run."""
    outdated: bool = False
    """Whether a suspended run must plan again, because Git now gives another plan."""
    worker: str = ""
    """The worker of a run that has a process, if the run names it."""
    lost: bool = False
    """Whether the run has lost its worker; see `liveness`."""
    claims: tuple[datetime, ...] = ()
    """When servers claimed to restart the run, as noted on the run itself."""

    @property
    def brings_values(self) -> bool:
        return self.flow in ("promote", "update", "take-over")


class RecoveryAction(Value):
    action: Action
    sentence: str
    is_final: bool = False
    """Whether the run needs nothing while its state stays the same."""
    entry: Entry | None = None
    """The outcome, of which people may not have been told."""


def recovery_action(run: RunSnapshot) -> RecoveryAction:
    """The action by the run's state; each rule is safe to repeat."""
    wanted = _RULES.get(run.state, _alone)(run)
    if wanted.action not in ("go on", "roll back"):
        return wanted
    if run.claims and run.now - max(run.claims) < CLAIM and max(run.claims) > run.since:
        return RecoveryAction(action="leave alone", sentence="is being restarted")
    if len(run.claims) >= RERUNS:
        return RecoveryAction(
            action="tell",
            sentence=f"was restarted {RERUNS} times and did not end; mend the cause, then retry the run on Prefect's "
            f"pages: {run.message}",
        )
    if run.state == "FAILED" and run.now - run.since < PAUSES[len(run.claims)]:
        return RecoveryAction(action="leave alone", sentence="restarts shortly")
    return wanted


def _alone(_run: RunSnapshot) -> RecoveryAction:
    return RecoveryAction(action="leave alone", sentence="needs nothing")


def _crashed(_run: RunSnapshot) -> RecoveryAction:
    return RecoveryAction(action="go on", sentence="its process died; it runs again and finds every effect by its id")


def _failed(run: RunSnapshot) -> RecoveryAction:
    if not run.brings_values:
        return _interrupted(run) if run.flow == "rollback" else _over()
    if NEVER_RESUMED in run.message:
        return RecoveryAction(action="go on", sentence="no decision in time; the flow records that")
    if run.entry:
        good = run.entry.good
        return RecoveryAction(action="go on", sentence="its outcome is good, but not concluded") if good else _over()
    if not run.committed:
        return _over() if run.flow != "take-over" else _not_taken_over(run)
    is_refused = run.flow == "take-over" and run.state_name == "Refused"
    if is_refused or run.state_name == "Unavailable" or (run.deadline and run.now < run.deadline):
        return RecoveryAction(action="go on", sentence=f"an error after its commit is not a verdict: {run.message}")
    return RecoveryAction(action="roll back", sentence=f"no verdict in time after its commit: {run.message}")


def _not_taken_over(run: RunSnapshot) -> RecoveryAction:
    """Something newer counts, or the commit cannot be looked at; its message still says that it is being verified."""
    why = run.message or f"it ended as {run.state_name}"
    return RecoveryAction(action="tell", sentence=f"is not verified by this run: {why}", is_final=True)


def _interrupted(run: RunSnapshot) -> RecoveryAction:
    """A rollback that ended with an error: a restart finds what it already did."""
    if run.state_name in ("Unavailable", "Misconfigured"):
        return RecoveryAction(action="go on", sentence=f"an error stopped the rollback: {run.message}")
    return _over()


def _over() -> RecoveryAction:
    return RecoveryAction(action="leave alone", sentence="has ended", is_final=True)


def _cancelled(run: RunSnapshot) -> RecoveryAction:
    if not run.brings_values:
        return _over()
    if run.entry:
        said = f"was cancelled after its outcome was recorded: {run.entry.sentence}"
        return RecoveryAction(action="tell", sentence=said, entry=run.entry)
    if run.flow == "take-over":
        return RecoveryAction(action="go on", sentence="was cancelled, but the commit is on the branch: it runs again")
    if run.committed:
        return RecoveryAction(action="roll back", sentence="was cancelled after its commit, before its outcome")
    return RecoveryAction(action="tell", sentence="was cancelled before anything was changed")


def _paused(run: RunSnapshot) -> RecoveryAction:
    if run.state_name == HELD and run.now - run.since > HELD_FOR:
        return RecoveryAction(
            action="cancel", sentence="its start was interrupted, so nothing was started; start it again"
        )
    if run.outdated:
        return RecoveryAction(action="wake", sentence="its plan is outdated")
    if run.decided:
        return RecoveryAction(action="wake", sentence="the votes decide, but the run was not woken")
    return RecoveryAction(action="leave alone", sentence="waits for people")


def _running(run: RunSnapshot) -> RecoveryAction:
    """A worker reports the end of its own runs; this rule is for a run whose worker is gone."""
    return RecoveryAction(action="go on", sentence=f"{_gone(run)}; it runs again") if run.lost else _alone(run)


def _cancelling(run: RunSnapshot) -> RecoveryAction:
    """A worker ends the process; without the worker there is none that can report the end."""
    return RecoveryAction(action="cancel", sentence=f"{_gone(run)} while it was cancelled") if run.lost else _alone(run)


def _gone(run: RunSnapshot) -> str:
    return f"its worker {run.worker} gives no sign of life" if run.worker else "it has no worker"


_RULES = {
    "CRASHED": _crashed,
    "FAILED": _failed,
    "CANCELLED": _cancelled,
    "PAUSED": _paused,
    "RUNNING": _running,
    "PENDING": _running,
    "CANCELLING": _cancelling,
}
