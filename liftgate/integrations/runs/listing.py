"""Pages of runs around those that Prefect 3.8 cannot list: one number beyond 2^64 in a run's parameters, and its server
answers 500 to every list that the run is in, though it gives the run alone. Prefect 3.9 lists them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from liftgate.domain.json_text.bounded_json import UnreadableJson, loads
from liftgate.errors import Unavailable
from liftgate.integrations.http import error_of, json_of

WHO: Final = "Prefect"
LISTS: Final = 40
"""Lists that are asked for around one page: with 200 runs, those to find some five runs that cannot be listed."""
SINGLE: Final = 50
"""Runs of a page that are asked for alone."""
KNOWN: Final = 1000
"""Runs that are remembered as not to be listed."""
Send = Callable[..., httpx.Response]


@dataclass
class Page:
    runs: list[Any]
    """In the order asked for."""
    length: int
    """How many runs Prefect has there, read or not."""
    alone: list[str] = field(default_factory=list)
    """Ids of those that Prefect cannot list."""
    unread: list[str] = field(default_factory=list)
    """Ids of those that could not be read at all."""
    lists_left: int = 0


class Listing:
    """`send(method, path, json=…)` asks Prefect. Which runs it cannot list is kept for the next page that has them."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._alone: dict[str, None] = {}

    def page(self, body: dict[str, Any]) -> Page:
        """Raises Unavailable when it is not the runs that Prefect fails at."""
        response = self._send("POST", "/flow_runs/filter", json=body)
        if (runs := _read(response)) is not None:
            return Page(runs, len(runs))
        listed = self._send("POST", "/ui/flow_runs/history", json=body)
        ids = [str(each["id"]) for each in json_of(listed, WHO)] if listed.is_success else []
        if not ids:
            raise Unavailable(str(error_of(response, WHO)))
        page = Page([], len(ids), lists_left=LISTS)
        self._by_halves(page, body, [each for each in ids if each not in self._alone])
        page.alone = [each for each in ids if each in self._alone]
        self._one_by_one(page)
        page.runs.sort(key=lambda run: ids.index(run["id"]))
        return page

    def _by_halves(self, page: Page, body: dict[str, Any], ids: Sequence[str]) -> None:
        """Until the runs that spoil the list stand alone."""
        if not ids:
            return
        if page.lists_left <= 0:
            page.unread += ids
            return
        page.lists_left -= 1
        wanted = body["flow_runs"] | {"id": {"any_": list(ids)}}
        runs = _read(self._send("POST", "/flow_runs/filter", json=body | {"flow_runs": wanted, "offset": 0}))
        if runs is not None:
            page.runs += runs
        elif len(ids) == 1:
            self._remember(ids[0])
        else:
            middle = len(ids) // 2
            self._by_halves(page, body, ids[:middle])
            self._by_halves(page, body, ids[middle:])

    def _one_by_one(self, page: Page) -> None:
        for each in page.alone[:SINGLE]:
            response = self._send("GET", f"/flow_runs/{each}")
            if response.status_code == httpx.codes.NOT_FOUND:
                continue
            if (run := _read(response)) is None:
                page.unread.append(each)
            else:
                page.runs.append(run)
        page.unread += page.alone[SINGLE:]

    def _remember(self, run: str) -> None:
        self._alone[run] = None
        if len(self._alone) > KNOWN:
            self._alone.pop(next(iter(self._alone)))


def _read(response: httpx.Response) -> Any:
    """None for what Prefect fails at, or we: nested too deeply. Raises what any other status means."""
    if response.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
        return None
    if not response.is_success:
        raise error_of(response, WHO)
    try:
        return loads(response.content)
    except UnreadableJson:
        return None
