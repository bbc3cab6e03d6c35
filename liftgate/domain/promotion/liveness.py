"""Which runs have lost their worker: its heartbeats were seen to stop while Prefect answered without a gap."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import AwareDatetime

from liftgate.domain.common.value import Value

BEAT: Final = 5.0
"""Seconds between two heartbeats of a worker."""
SILENT: Final = 30.0
"""Seconds without a heartbeat until a worker's runs are taken from it."""
GAP: Final = 10.0
"""Seconds between two answers of Prefect that count as without a gap."""
UNNAMED: Final = 60.0
"""Seconds for a run that waits for its process, or for its end, and does not say which worker it has."""
UNHEARD: Final = 90.0
"""Seconds of silence of all workers until a running run that does not say which worker it has is taken."""
SAFE: Final = 20.0
"""Seconds after the start of a run's process in which no other process can have the run: less than SILENT."""


class Holder(Value):
    """The worker that has a run."""

    worker: str
    since: AwareDatetime
    """When Prefect made the run Pending for it, by Prefect's clock."""
    number: int = 0
    """How many had it before, for a run that began before: the clocks of two Prefect servers differ."""


class Seen(NamedTuple):
    value: datetime
    at: float


class Watch(NamedTuple):
    """Since when values have not changed, in the seconds of the one who looks: clocks of two machines are never
    compared."""

    began: float
    last: float
    seen: Mapping[str, Seen]

    def unchanged(self, key: str) -> float:
        """Seconds; of what is not listed, as long as it was looked at."""
        found = self.seen.get(key)
        return self.last - (found.at if found else self.began)

    def all_unchanged(self) -> float:
        """Seconds since anything changed."""
        return min((self.unchanged(key) for key in self.seen), default=self.last - self.began)


def look(before: Watch | None, values: Mapping[str, datetime], now: float, gap: float = math.inf) -> Watch:
    """The watch after one more answer. After a gap, or after no answer (None), the time begins anew."""
    if before is None or now - before.last > gap:
        return Watch(now, now, {key: Seen(value, now) for key, value in values.items()})
    known = before.seen
    kept = {
        key: known[key] if key in known and known[key].value == value else Seen(value, now)
        for key, value in values.items()
    }
    return Watch(before.began, now, kept)


def has_lost_worker(state: str, *, is_named: bool, unchanged: float, silent: float) -> bool:
    """Whether the run must be taken from its worker. PENDING, RUNNING or CANCELLING; other states need no worker.

    `unchanged` are the seconds that the run was seen in this state: its beginning is a sign of life too. `silent` are
    the seconds without a heartbeat of the worker that the run names, or of any worker if it names none.
    """
    if is_named:
        return min(unchanged, silent) >= SILENT
    if state == "RUNNING":
        return min(unchanged, silent) >= UNHEARD
    return unchanged >= UNNAMED
