"""The other input of the sync assessment besides the snapshot, and its result."""

from __future__ import annotations

from typing import Literal

from liftgate.domain.common.value import Value

Action = Literal["wait", "refresh", "sync", "terminate", "look", "fail", "done", "superseded"]

"""`look`: check whether the commit has hooks to run."""
Hooks = Literal["", "run", "due"]

Suspended = Literal["wait", "good", "failed"]
"""What a pause that people made (a paused rollout, a suspended Job) means for the promotion."""

POLL = 5.0
"""Seconds after which the state is polled although the watch reported nothing."""


class Known(Value):
    """What the waiting loop knows; all durations are seconds of its own clock."""

    accepted: frozenset[str]
    """Revisions with our change: the commit, and descendants that did not change the application's files there."""
    superseded: frozenset[str] = frozenset()
    """Descendants of our commit that changed one of these files."""
    older: frozenset[str] = frozenset()
    """Ancestors of our commit."""
    promotion: str = ""
    was_there: bool = True
    """Whether the Application has ever been seen."""
    was_better: bool = False
    """Whether it has been Healthy or Progressing since our revision was seen."""
    refreshes: int = 0
    """Refreshes requested and answered since this operation's end was first seen (without one, since the start);
    a refresh that was pending then is not counted."""
    render_failures: int = 0
    """Refreshes in a row that failed to render with an error that is not transient."""
    hooks: Hooks = ""
    """Whether the last full sync ran the hooks of this revision, on the same objects; empty: not checked."""
    syncs: int = 0
    """Operations that we requested and Argo CD accepted."""
    refused: str = ""
    """Why Argo CD did not accept the last one."""
    refused_for: float = 0.0
    """The time from the first to the last refusal in a row."""
    state: str = ""
    lasted: float = 0.0
    """The last assessed state, and how long it has lasted."""
    answered: int = 0
    """Successful refreshes in a row in that state."""
    failing: str = ""
    """Which pod of the commit has failed for too long, and why."""
    healthy_for: float = 0.0
    """The healthy time since this revision's operation ended or since it was Degraded. Scaling in between does not
    reset it (an autoscaler is often Progressing)."""

    def lasting(self, state: str) -> float:
        return self.lasted if state == self.state else 0.0


class Patience(Value):
    """How many seconds each state may last before it has a consequence."""

    auto_sync: float = 5.0
    blocked: float = 10.0
    comparing: float = 10.0
    """OutOfSync after a successful operation; then it is synced once more."""
    degraded: float = 30.0
    worse: float = 10.0
    """Degraded after it was better, for kinds that may recover."""
    held_up: float = 5.0
    """An older commit's operation that only waits for unhealthy objects."""
    pods: float = 30.0
    """A failing pod, from when the failure is first seen."""
    suspended: Suspended = "wait"
    stable: float = 5.0
    """Healthy, for kinds whose health may be outdated."""
    access: float = 60.0
    """A rejected token, or another server at the address: a proxy or Argo CD may be starting."""
    gone: float = 30.0
    absent: float = 200.0
    """An ApplicationSet looks for new directories every 180 s."""
    syncs: int = 3
    """How many operations may fail with a transient error before it counts as permanent."""


class SyncAssessment(Value):
    state: str
    sentence: str
    action: Action
    again_in: float = POLL
    """Seconds after which the assessment may change although nothing else changed."""


def is_(state: str, sentence: str, action: Action = "wait", *, again_in: float = POLL) -> SyncAssessment:
    return SyncAssessment(state=state, sentence=sentence, action=action, again_in=again_in)


def once_lasted(known: Known, state: str, limit: float, sentence: str, then: Action) -> SyncAssessment:
    """Wait in this state, and do `then` after it has lasted this long."""
    left = limit - known.lasting(state)
    return is_(state, sentence, then) if left <= 0 else is_(state, sentence, again_in=min(left, POLL))
