"""What the judge is told besides the snapshot, and what it answers."""

from __future__ import annotations

from typing import Literal

from liftgate.domain.value import Value

Action = Literal["wait", "refresh", "sync", "terminate", "look", "fail", "done", "superseded"]

"""`look`: whether there are hooks to be run."""
Hooks = Literal["", "run", "due"]

Suspended = Literal["wait", "good", "failed"]
"""What a pause that people made (a paused rollout, a suspended Job) means to whoever waits."""

POLL = 5.0
"""Seconds after which truth is asked for although the watch said nothing."""


class Known(Value):
    """What the waiting loop knows; all durations in seconds of its own clock."""

    accepted: frozenset[str]
    """Revisions that hold our change: the commit, and descendants that left the application's files there alone."""
    superseded: frozenset[str] = frozenset()
    """Descendants of our commit that changed one of those files."""
    older: frozenset[str] = frozenset()
    """Ancestors of our commit."""
    promotion: str = ""
    was_there: bool = True
    """Whether the Application has been seen at all."""
    was_better: bool = False
    """Whether it was Healthy or Progressing since our revision was seen."""
    refreshes: int = 0
    """Refreshes asked for and answered since this operation's end was first seen (or since the start, without one);
    one that was pending then is not counted."""
    render_failures: int = 0
    """Refreshes answered in a row with a failure to render that does not pass by itself."""
    hooks: Hooks = ""
    """Whether the last full sync ran those of this revision, and on the same objects; empty: nobody has looked."""
    syncs: int = 0
    """Operations we asked for, and Argo CD took."""
    refused: str = ""
    """Why it did not take the last one we asked for."""
    refused_for: float = 0.0
    """From the first refusal in a row to the last one."""
    state: str = ""
    lasted: float = 0.0
    """The state it was judged to be in last, and how long by now."""
    answered: int = 0
    """Refreshes answered in a row in that state, none of them in vain."""
    failing: str = ""
    """Which of the pods that the commit brought has failed for too long, and why."""
    healthy_for: float = 0.0
    """Together, since this revision's operation ended or since it was Degraded: scaling up and down in between
    takes nothing away (a Progressing of an autoscaler is no news)."""

    def lasting(self, state: str) -> float:
        return self.lasted if state == self.state else 0.0


class Patience(Value):
    """How long a state may last before it means something; in seconds."""

    auto_sync: float = 5.0
    blocked: float = 10.0
    comparing: float = 10.0
    """OutOfSync after an operation that succeeded; then it is synced once more."""
    degraded: float = 30.0
    worse: float = 10.0
    """Degraded after it was better, of kinds that recover now and then."""
    held_up: float = 5.0
    """An older commit's operation that only waits for what is not healthy."""
    pods: float = 30.0
    """A pod's failing, from when it is first seen."""
    suspended: Suspended = "wait"
    stable: float = 5.0
    """Healthy, of kinds that do not say whether their health is of now."""
    access: float = 60.0
    """A token that is refused, or another server at the address: a proxy, or Argo CD itself, may just be starting."""
    gone: float = 30.0
    absent: float = 200.0
    """An ApplicationSet looks for new directories every 180 s."""
    syncs: int = 3
    """Operations after which a fault that usually passes counts as one that does not."""


class Judgement(Value):
    state: str
    sentence: str
    action: Action
    again_in: float = POLL
    """Seconds after which it may be judged otherwise though nothing changed."""


def is_(state: str, sentence: str, action: Action = "wait", *, again_in: float = POLL) -> Judgement:
    return Judgement(state=state, sentence=sentence, action=action, again_in=again_in)


def once_lasted(known: Known, state: str, limit: float, sentence: str, then: Action) -> Judgement:
    """Wait in this state, and do `then` once it has lasted so long."""
    left = limit - known.lasting(state)
    return is_(state, sentence, then) if left <= 0 else is_(state, sentence, again_in=min(left, POLL))
