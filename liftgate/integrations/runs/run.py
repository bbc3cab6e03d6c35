"""A flow run as Prefect has it, and what is said of many of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from liftgate.domain.common.value import Json, Value

NAMED: Final = 5
"""Runs that are named in a notice; the rest is counted."""


class Run(Value):
    id: str
    name: str
    flow: str
    """The flow's name."""
    deployment: str
    """The deployment's id; empty for a subflow."""
    parameters: dict[str, Json]
    state: str
    """State type: SCHEDULED, PENDING, RUNNING, PAUSED, COMPLETED, FAILED, CRASHED, CANCELLED, CANCELLING."""
    state_name: str
    message: str
    since: datetime
    """When it entered this state."""
    pause_key: str = ""
    pause_timeout: datetime | None = None
    """Until when a suspended run waits; then Prefect ends it."""
    count: int = 0
    """How many times it began."""
    resuming: bool = False
    """Whether it goes on after a pause when it begins next: Prefect does not count that."""
    created: datetime
    begin: datetime | None = None
    """When it is to begin, if it waits for a later time."""
    scheduled: bool = False
    """Whether Prefect's own scheduler made it."""
    tags: tuple[str, ...] = ()
    idempotency_key: str = ""
    """Without the installation's name."""

    @property
    def is_over(self) -> bool:
        return self.state in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Listed(Value):
    """What was found, and what of it Prefect cannot list or give."""

    runs: tuple[Run, ...]
    """Also those of `alone`."""
    alone: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """For people, who must look."""
        names = {run.id: run.name for run in self.runs}
        return notices({each: names[each] for each in self.alone if each in names}, self.unread)

    def with_more(self, later: Listed) -> Listed:
        """Of both; a run that moved from one to the other is as the later one says."""
        runs = {run.id: run for run in (*self.runs, *later.runs)}
        alone, unread = dict.fromkeys((*self.alone, *later.alone)), dict.fromkeys((*self.unread, *later.unread))
        return Listed(runs=tuple(runs.values()), alone=tuple(alone), unread=tuple(unread))


class Moment(Value):
    """One line of a run's history."""

    when: datetime
    what: str
    state: str
    took: float | None = None
    """Seconds a task took; None for a state of the run itself."""


def notices(spoiling: Mapping[str, str], unread: Sequence[str]) -> tuple[str, ...]:
    """For people, who must look: names, by id, of runs that Prefect cannot list, and ids of those it cannot give."""
    said = []
    if spoiling:
        listed = [f"{name} ({each})" for each, name in spoiling.items()]
        said.append(
            f"Prefect fails to list {_some(listed)}, so that its own pages fail too: a number in the parameters is too "
            "large for it; delete the run when it is over: prefect flow-run delete ID"
        )
    if unread:
        said.append(f"these runs could not be read from Prefect, and are left out: {_some(unread)}")
    return tuple(said)


def _some(listed: Sequence[str]) -> str:
    more = len(listed) - NAMED
    return ", ".join(listed[:NAMED]) + (f" and {more} more" if more > 0 else "")
