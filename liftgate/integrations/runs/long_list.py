"""A long list of runs, of which only those are read whole that are new or went on since they were read.

Most of a long list are runs that wait for people. Prefect makes a page of 200 whole runs in the time in which it lists
a thousand in short (`/ui/flow_runs/history`), and it adds up the times of all of them in a tenth of that
(`/flow_runs/history`): while the sums are the same, so is the list of those that wait.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Final, NamedTuple

from liftgate.integrations.http import json_of
from liftgate.integrations.runs.listing import WHO, Listing, Send
from liftgate.integrations.runs.run import Listed, Run

SHORT: Final = 1000
"""The most that Prefect lists in short at once."""
KEPT: Final = "PAUSED"
"""The only state in which a run is kept: it cannot go on and wait again without having run, and the time for which it
ran is in the short list."""
OLD: Final = 60.0
"""Seconds after which a run is read again, also if the short list says the same: a person may have renamed it."""
AGAIN: Final = 20
"""How many of the old ones are read again for one list."""
OTHERS: Final = 1000
"""Runs of other lists that are kept besides."""
LISTS: Final = 4
"""Short lists that are kept: one for each filter."""
_ALL: Final = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""A time in which every run begins."""
Rows = dict[str, Any]
"""Of the short list, by the run's id."""


class _Kept(NamedTuple):
    row: Any
    """As the short list said just before it was read."""
    read: float
    run: Run
    is_alone: bool
    """Prefect cannot list it."""


class _Short(NamedTuple):
    """Those that wait, as they were listed in short."""

    read: float
    sums: Any
    """As they were just before."""
    rows: Rows


class LongList:
    is_long = False
    """Whether the last list had more runs than Prefect gives whole at once."""

    def __init__(self, send: Send, listing: Listing, read: Callable[[Any], Run | None], page: int) -> None:
        """`read` gives a run from Prefect's JSON, None for what is none of ours to understand; `page` is how many whole
        runs Prefect gives at once."""
        self._send, self._listing, self._read, self._page = send, listing, read, page
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}
        self._short: dict[str, _Short] = {}

    def find(self, body: dict[str, Any]) -> Listed:
        """All runs that the filter finds, in its order. Raises Unavailable."""
        rows, now = self._listed(body), time.monotonic()
        self.is_long = len(rows) > self._page
        with self._lock:
            kept = {each: self._kept[each] for each, row in rows.items() if self._is_as_read(each, row)}
        old = sorted((each for each in kept if now - kept[each].read > OLD), key=lambda each: kept[each].read)
        for each in old[:AGAIN]:
            del kept[each]
        unread, ids = list[str](), [each for each in rows if each not in kept]
        for start in range(0, len(ids), self._page):
            read, others = self._whole(body, ids[start : start + self._page])
            found = {each: _Kept(rows[each], now, run, is_alone) for each, (run, is_alone) in read.items()}
            self._keep(found, len(rows))  # stays also if a later page comes too late for who asks
            kept, unread = kept | found, unread + others
        listed = [kept[each] for each in rows if each in kept]
        alone = tuple(found.run.id for found in listed if found.is_alone)
        return Listed(runs=tuple(found.run for found in listed), alone=alone, unread=tuple(unread))

    def _is_as_read(self, run: str, row: Any) -> bool:
        return run in self._kept and row["state_type"] == KEPT and self._kept[run].row == row

    def _keep(self, found: dict[str, _Kept], listed: int) -> None:
        waiting = {each: one for each, one in found.items() if one.run.state == KEPT}
        with self._lock:
            others = self._kept if len(self._kept) <= listed + OTHERS else {}
            self._kept = others | waiting

    def _listed(self, body: dict[str, Any]) -> Rows:
        """In short, as Prefect has it or would have it."""
        states, now = body["flow_runs"]["state"]["type"]["any_"], time.monotonic()
        last = self._short.get(str(body))
        if last is None or now - last.read > OLD:
            return self._again(body, self._sums(body))
        # First those that do not wait: one that begins to wait, or goes on, meanwhile changes the sums that follow.
        more = [state for state in states if state != KEPT]
        others = self._by_id(_only(body, more)) if more else {}
        if (sums := self._sums(body)) != last.sums:
            return self._again(body, sums)
        rows = sorted((last.rows | others).items(), key=lambda each: _began(each[1]), reverse=True)
        return dict(rows)

    def _again(self, body: dict[str, Any], sums: Any) -> Rows:
        now, rows = time.monotonic(), self._by_id(body)
        waiting = {each: row for each, row in rows.items() if row["state_type"] == KEPT}
        with self._lock:
            kept = [*self._short.items()][1 - LISTS :]
            self._short = dict(kept) | {str(body): _Short(now, sums, waiting)}
        return rows

    def _sums(self, body: dict[str, Any]) -> Any:
        """How many wait, how long they ran, and how late they began: it changes when one goes on or comes."""
        begin, end = _ALL
        when = {"history_start": begin.isoformat(), "history_end": end.isoformat()}
        wanted = {**_only(body, [KEPT]), **when, "history_interval_seconds": (end - begin).total_seconds()}
        found = json_of(self._send("POST", "/flow_runs/history", json=wanted), WHO)
        return [each["states"] for each in found]

    def _by_id(self, body: dict[str, Any]) -> Rows:
        return {str(row["id"]): row for row in self._rows(body)}

    def _rows(self, body: dict[str, Any]) -> Iterator[Any]:
        offset = 0
        while True:
            more = {"limit": SHORT, "offset": offset}
            rows = json_of(self._send("POST", "/ui/flow_runs/history", json=body | more), WHO)
            yield from rows
            offset += len(rows)
            if len(rows) < SHORT:
                return

    def _whole(self, body: dict[str, Any], ids: Sequence[str]) -> tuple[dict[str, tuple[Run, bool]], list[str]]:
        """The runs, each with whether Prefect cannot list it, and the ids of those that cannot be read."""
        wanted = body["flow_runs"] | {"id": {"any_": list(ids)}}
        page = self._listing.page(body | {"flow_runs": wanted, "limit": self._page, "offset": 0})
        read = {item["id"]: self._read(item) for item in page.runs}
        found = {each: (run, each in page.alone) for each, run in read.items() if run}
        return found, [*page.unread, *(each for each, run in read.items() if run is None)]


def _only(body: dict[str, Any], states: Sequence[str]) -> dict[str, Any]:
    """The same filter for some of its states."""
    return body | {"flow_runs": body["flow_runs"] | {"state": {"type": {"any_": list(states)}}}}


def _began(row: Any) -> datetime:
    return datetime.fromisoformat(row["timestamp"])
