"""One night of a running world, measured."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from liftgate.demo.people import start_nightly
from liftgate.demo.repository import ENVIRONMENTS
from liftgate.demo.world import World
from liftgate.integrations.http import client
from liftgate.runtime.prefect_server import NAME as PREFECT
from tools.bench.promotion import ask
from tools.bench.usage import WORKER, Usage

EVERY, SOON = 2.0, 0.25
STANDSTILL = 300.0
"""Seconds without an end of a run after which the bench gives up."""
OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
SERVERS = ("argocd", "forge")
BY_ARGOCD = "forge by argocd"
PROGRAMS = (WORKER, "server", PREFECT, "postgres", "sandbox")


class Spent(NamedTuple):
    """Since the world began."""

    requests: Mapping[str, int]
    """At Argo CD, at the forge by Liftgate, and at the forge by Argo CD; git's own requests included."""
    seconds: Mapping[str, float]
    """Of the processor, by program."""


class Night(NamedTuple):
    applications: int
    promotions: int
    """The runs that it needs: three for each application with something new."""
    failed: int
    seconds: float
    spent: Spent
    """In this time."""
    look: float
    """Seconds until the nightly run had looked at all applications: its start included, and that of the first of the
    promotions or its own end."""


def measured_night(world: World, applications: int, new: int) -> Night:
    promotions, done, known = new * len(ENVIRONMENTS), count(world, "COMPLETED"), count(world)
    what = f"a night of {applications} applications, {new} with something new"
    usage = Usage({name: world.programs.pid(name) for name in PROGRAMS})
    with usage.watched():
        before, began = _spent(world, usage), time.monotonic()
        run = start_nightly(world, "rosa")
        _until_looked(world, run, known, new)
        look = time.monotonic() - began
        _until_over(world, done + promotions, what)
        seconds, after = time.monotonic() - began, _spent(world, usage)
    if (said := world.at.runs.read(run)) and said.is_over and said.state != "COMPLETED":
        raise SystemExit(f"the nightly run: {said.state_name}: {said.message}")
    requests = {name: number - before.requests[name] for name, number in after.requests.items()}
    spent = Spent(requests, {name: used - before.seconds[name] for name, used in after.seconds.items()})
    completed = count(world, "COMPLETED") - done
    return Night(applications, promotions, promotions - min(completed, promotions), seconds, spent, look)


def _until_looked(world: World, run: str, known: int, new: int) -> None:
    """The nightly run started a promotion, or has ended because nothing is new."""
    end = time.monotonic() + STANDSTILL
    while not ((seen := world.at.runs.read(run)) and seen.is_over) and not (new and count(world) > known):
        if time.monotonic() > end:
            raise SystemExit(f"the nightly run looked for more than {STANDSTILL:.0f} s")
        time.sleep(SOON)


def _until_over(world: World, number: int, what: str) -> None:
    until_none_is_left(lambda: max(0, number - count(world, *OVER)), f"{what}: promotions that are not over")


def until_none_is_left(left: Callable[[], int], what: str) -> None:
    """Raises SystemExit where their number stays the same for STANDSTILL seconds."""
    last, seen = time.monotonic(), -1
    while now := left():
        if now != seen:
            last, seen = time.monotonic(), now
            print(f"{what}: {now}", file=sys.stderr, flush=True)
        if time.monotonic() - last > STANDSTILL:
            raise SystemExit(f"{what}: still {now} after {STANDSTILL:.0f} s")
        time.sleep(EVERY)


def count(world: World, *states: str) -> int:
    return int(ask(world, "/flow_runs/count", promotions_in(*states)))


def promotions_in(*states: str) -> dict[str, Any]:
    """In any state if none is given."""
    these = {"flow_runs": {"state": {"type": {"any_": list(states)}}}} if states else {}
    return {"flows": {"name": {"any_": ["promote"]}}} | these


def _spent(world: World, usage: Usage) -> Spent:
    """By the sandbox's servers, and from proc(5)."""
    requests = Counter[str]()
    for name in SERVERS:
        with client(world.sandbox["urls"][name], {}) as http:
            for who, number in http.get("/sandbox/requests").raise_for_status().json().items():
                requests[f"{name} by argocd" if who.startswith("argocd ") else name] += number
    return Spent(requests, usage.spent())
