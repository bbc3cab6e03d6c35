"""A run that Prefect 3.8 cannot list: the others are found around it, and it is named. Prefect 3.9 lists it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any
from uuid import uuid4

import pytest
from sandbox_tests.plain import http

from liftgate.domain.common.canonical import same
from liftgate.domain.common.installation import prefixed
from liftgate.errors import Refused
from liftgate.integrations.runs import listing
from liftgate.integrations.runs.prefect import Prefect, credentials
from tests.integrations.runs.as_before import as_before
from tests.prefect_server import PrefectApi

pytestmark = pytest.mark.prefect
POISON = ("18446744073709551616", "1e20", "1e308", "-9223372036854775809")
"""Numbers as somebody writes them into Prefect's own form of a deployment that does not look at its schema."""
LISTS_ALL = tuple(map(int, version("prefect").split(".")[:2])) >= (3, 9)
LOST = (math.nan, math.inf, -0.0, 1e16, "\0", "a\ud800", {"\udc00": 1}, {"\0": 1}, 2**64, 1e308, -(2**63) - 1)


class Pool:
    """A work pool of its own, and a deployment in it whose parameters nobody looks at."""

    def __init__(self, server: PrefectApi, url: str) -> None:
        """`url` is how the product reaches the server."""
        self.server, self.url, self.name = server, url, f"unlisted{uuid4().hex[:6]}"
        server.call("POST", "/work_pools/", {"name": self.name, "type": "process"})
        self.deployment = server.deploy("x.unlisted", pool=self.name, name=prefixed(self.name, "unlisted"))
        self.runs = self.reader()

    def reader(self, url: str = "") -> Prefect:
        """One that knows nothing yet."""
        return Prefect(url or self.url, self.server.secret, self.name)

    def post(self, value: str) -> str:
        """As it was written: Python would not write all of it."""
        body = f'{{"parameters": {{"changes": {{"/a": {value}}}}}}}'
        url = f"{self.server.url}/deployments/{self.deployment}/create_flow_run"
        headers = {"content-type": "application/json"}
        answer = http.request(
            "POST", url, content=body.encode(), headers=headers, auth=credentials(self.server.secret), timeout=30
        )
        return str(answer.raise_for_status().json()["id"])

    def find(self, **more: Any) -> Any:
        return self.runs.find(flows=("unlisted",), **more)

    def create(self, value: Any) -> Any:
        return self.runs.create("unlisted", {"changes": {"/a": value}})


@pytest.fixture(scope="module")
def pool(prefect_api: PrefectApi) -> Iterator[Pool]:
    with as_before(prefect_api.url) as url:
        pool = Pool(prefect_api, url)
        yield pool
        for run in pool.find().alone:
            prefect_api.call("DELETE", f"/flow_runs/{run}")


def test_runs_that_prefect_cannot_list_are_found_alone_and_named(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    before = [pool.post("1") for _ in range(3)]
    bad = [pool.post(value) for value in POISON]
    after = [pool.post("2") for _ in range(3)]
    found = pool.find(states=("SCHEDULED",))
    assert [run.id for run in found.runs] == [*reversed(after), *reversed(bad), *reversed(before)]
    assert (set(found.alone), found.unread) == (set(bad), ())
    (notice,) = found.notices
    assert all(run in notice for run in bad)
    assert pool.find(limit=4).runs == found.runs[:4]
    straight = pool.reader(pool.server.url).find(flows=("unlisted",), states=("SCHEDULED",))
    assert (straight.runs, straight.unread) == (found.runs, ())
    assert set(straight.alone) == (set() if LISTS_ALL else set(bad)), "the same server, asked without the fault"
    monkeypatch.setattr(listing, "LISTS", 1)
    assert pool.find().runs == found.runs, "what was found out before takes one list and not a search"


def test_a_search_ends_and_says_what_it_left_out(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    run, bad = pool.post("1"), pool.post(POISON[0])
    monkeypatch.setattr(listing, "LISTS", 1)
    left_out = pool.reader().find(flows=("unlisted",))
    assert {run, bad} <= set(left_out.unread)
    assert "could not be read from Prefect" in left_out.notices[0]


def test_what_would_not_come_back_as_it_was_sent_is_refused_before_it_is_sent(pool: Pool) -> None:
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    for value in (*LOST, deep, "x" * 600_000, {"__prefect_kind": "jinja", "template": "{{ 6 * 7 }}"}):
        with pytest.raises(Refused):
            pool.create([{"b": value}])


def test_everything_else_comes_back_as_it_was_sent(pool: Pool) -> None:
    numbers = [2**53, -(2**53), 9e15, 1e15, 0.1, 1e-300, 5e-324, 1.5, 0, 0.0]
    sent: list[Any] = [*numbers, True, None, "\x1e\U0001f600\u202e", {"~/": []}]
    run = pool.runs.read(pool.create(sent).id)
    assert run is not None
    assert same(run.parameters["changes"]["/a"], sent)
