"""Many promotions of different applications at the same moment: each one is committed and recorded once, none fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import TypeVar

import pytest
from sandbox_tests.plain import http

from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Unavailable
from liftgate.services.outcomes import Result
from tests.examples import text
from tests.flows.test_nightly import named
from tests.lab import configured
from tests.server.world import World, worker_of
from tests.services.walk import walk

T = TypeVar("T")
TRIES, PAUSE = 300, 0.1
"""Of a task that is tried again: as often as the flow's, after a shorter pause."""
REQUESTS = 12
"""Of git for each promotion: two fetches of three requests, and a push each to the branch and to the ledger."""


def add_applications(world: World, number: int) -> list[str]:
    """Each has a new version in the base; one Argo CD Application stands for all of them."""
    names = [f"app-{each:02}" for each in range(number)]
    files: dict[str, bytes | None] = {}
    for name in names:
        files[f"configs/base/{name}/values.json"] = text(named(name, "base", "2.0.1"))
        files[f"configs/dev/{name}/values.json"] = text(named(name, "dev", "2.0.0"))
    applications = {name: {"folder": name, "argocd": "example-app-{environment}"} for name in names}
    files["liftgate.json"] = text(configured(world.lab, applications=applications))
    world.lab.commit(files)
    world.at.git.fetch()
    return names


def healed(act: Callable[..., T], *given: object) -> T:
    """As a task does it: what is unavailable is tried again."""
    for _ in range(TRIES):
        try:
            return act(*given)
        except Unavailable:
            sleep(PAUSE)
    return act(*given)


def promote(world: World, application: str) -> Entry:
    """As a process of its own does it, with the same mirror."""
    run = walk(world, application=application, by="rosa", at=worker_of(world.at), to="dev")
    change = healed(run.begin)
    while not change.revision:
        plan = run.plan(change)
        change = healed(run.commit, change, plan)
        change = change if change.revision else healed(run.look_again, change)
    result = Result(outcome="promoted", reason="synced", at=run.at.clock.now())
    return healed(run.end, change, result)


@pytest.mark.parametrize("number", [10, pytest.param(50, marks=pytest.mark.long)])
def test_none_fails_and_each_has_one_commit_and_one_entry(running: World, number: int) -> None:
    names = add_applications(running, number)
    before = requests(running)
    with ThreadPoolExecutor(number) as pool:
        entries = list(pool.map(lambda name: promote(running, name), names))
    spent = requests(running) - before
    assert {entry.outcome for entry in entries} == {"promoted"}
    running.at.git.fetch()
    assert sorted(entry.application for entry in running.at.entries()) == names
    committed = Counter(change.promotion for change in running.lab.commits() if change.promotion)
    assert committed == Counter(entry.promotion for entry in entries)
    assert spent.total() <= REQUESTS * number, spent


def requests(world: World) -> Counter[str]:
    """Of Liftgate's git to the forge."""
    found = http.get(f"{world.lab.town.urls['forge']}/sandbox/requests").json()
    return Counter({who: number for who, number in found.items() if who.startswith("x-access-token ")})
