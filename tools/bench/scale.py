"""What one promotion costs when there are many: a night of N applications through all environments, and N runs that
wait at a gate."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlsplit

from liftgate.demo.people import start_nightly
from liftgate.demo.repository import ENVIRONMENTS
from liftgate.demo.world import World
from liftgate.domain.drift.record import Drifting
from liftgate.integrations.http import client
from liftgate.runtime.prefect_server import NAME as PREFECT
from liftgate.services.board import board
from liftgate.services.recovery import Recovery
from liftgate.services.requests import start_for_person
from liftgate.services.session import link
from tools.bench.many import APPROVED_BY_ANYONE, add_applications, application_name, release_again, set_policy
from tools.bench.promotion import ask, asking
from tools.bench.timing import Row, table
from tools.bench.usage import FLOWS, MACHINE, SIGNER, WORKER, Usage
from tools.bench.waiting import Waiting

SIZES = (10, 50, 250, 500)
WAITING = 1000
NEW = 2
"""How many applications have something new in the second night of the same ones."""
EVERY = 2.0
STANDSTILL = 300.0
"""Seconds without an end of a run after which the bench gives up."""
OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
SERVERS = ("argocd", "forge")
BY_ARGOCD = "forge by argocd"
PROGRAMS = (WORKER, "server", PREFECT, "postgres", "sandbox")
ROUNDS = 9
OLDER = "this is the board of"
"""How a page says that it shows an older board."""
_T = TypeVar("_T")


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


def report(sizes: Sequence[int] = SIZES, waiting: int = WAITING) -> str:
    """The section as Markdown, of what is asked for: a night for each number of applications, and so many runs that
    wait."""
    nights = [_in_a_world(_nights, size) for size in sizes]
    parts = (
        [_of_nights([first for first, _ in nights]), _of_quiet([second for _, second in nights])] if nights else []
    ) + ([_in_a_world(_waiting, waiting)] if waiting else [])
    return "\n".join(parts)


def small() -> str:
    return report((2,), 6)


def _in_a_world(measure: Callable[[World, int], _T], number: int) -> _T:
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        Path(made).chmod(0o711)
        with World(Path(made) / "demo", os.environ, lambda _: None) as world:
            return measure(world, number)


def _nights(world: World, applications: int) -> tuple[Night, Night]:
    """The first one has something new for all, the second one for a few."""
    add_applications(world, applications)
    first = _night(world, applications, applications)
    release_again(world, NEW)
    return first, _night(world, applications, NEW)


def _night(world: World, applications: int, new: int) -> Night:
    promotions, done = new * len(ENVIRONMENTS), _count(world, "COMPLETED")
    usage = Usage({name: world.programs.pid(name) for name in PROGRAMS})
    with usage.watched():
        before, began = _spent(world, usage), time.monotonic()
        run = start_nightly(world, "rosa")
        _until_over(world, done + promotions, f"a night of {applications} applications, {new} with something new")
        seconds, after = time.monotonic() - began, _spent(world, usage)
    if (said := world.at.runs.read(run)) and said.state != "COMPLETED":
        raise SystemExit(f"the nightly run: {said.state_name}: {said.message}")
    requests = {name: number - before.requests[name] for name, number in after.requests.items()}
    spent = Spent(requests, {name: used - before.seconds[name] for name, used in after.seconds.items()})
    completed = _count(world, "COMPLETED") - done
    return Night(applications, promotions, promotions - min(completed, promotions), seconds, spent)


def _until_over(world: World, number: int, what: str) -> None:
    last, seen = time.monotonic(), -1
    while (done := _count(world, *OVER)) < number:
        if done != seen:
            last, seen = time.monotonic(), done
            print(f"{what}: {done} of {number}", file=sys.stderr, flush=True)
        if time.monotonic() - last > STANDSTILL:
            raise SystemExit(f"{what}: no run ended for {STANDSTILL:.0f} s; {done} of {number} are over")
        time.sleep(EVERY)


def _count(world: World, *states: str) -> int:
    return int(ask(world, "/flow_runs/count", _promotions(*states)))


def _promotions(*states: str) -> dict[str, Any]:
    return {"flows": {"name": {"any_": ["promote"]}}, "flow_runs": {"state": {"type": {"any_": list(states)}}}}


def _spent(world: World, usage: Usage) -> Spent:
    """By the sandbox's servers, and from proc(5)."""
    requests = Counter[str]()
    for name in SERVERS:
        with client(world.sandbox["urls"][name], {}) as http:
            for who, number in http.get("/sandbox/requests").raise_for_status().json().items():
                requests[f"{name} by argocd" if who.startswith("argocd ") else name] += number
    return Spent(requests, usage.spent())


def _of_nights(nights: list[Night]) -> str:
    head = (
        *("applications", "promotions", "not completed", "minutes", "s for each"),
        *("Argo CD requests for each", "forge requests for each", "and those of Argo CD itself"),
    )
    rows: list[Row] = [
        (
            *(f"{night.applications}", f"{night.promotions}", f"{night.failed}", f"{night.seconds / 60:.1f}"),
            f"{night.seconds / night.promotions:.2f}",
            *(f"{night.spent.requests.get(name, 0) / night.promotions:.1f}" for name in (*SERVERS, BY_ARGOCD)),
        )
        for night in nights
    ]
    names = (WORKER, SIGNER, FLOWS, "server", PREFECT, "postgres", "sandbox", MACHINE)
    used: list[Row] = [
        (f"{night.applications}", *(f"{night.spent.seconds[name] / night.promotions:.2f}" for name in names))
        for night in nights
    ]
    text = (
        "A night of all applications from dev to prod without people. The sandbox's Argo CD, forge and Kubernetes, "
        "with the times of a real Argo CD, run on the same machine."
    )
    seconds = "Processor seconds for each promotion, by program with all that it starts; the rest of the machine's are "
    seconds += "those of the bench and of other programs."
    return f"{text}\n\n{table(head, rows)}\n{seconds}\n\n{table(('applications', *names), used)}"


def _of_quiet(nights: list[Night]) -> str:
    names = (FLOWS, PREFECT, "sandbox", MACHINE)
    rows: list[Row] = [
        (
            *(f"{night.applications}", f"{night.promotions // len(ENVIRONMENTS)}", f"{night.failed}"),
            f"{night.seconds / 60:.1f}",
            *(f"{night.spent.seconds[name]:.1f}" for name in names),
        )
        for night in nights
    ]
    head = ("applications", "with something new", "not completed", "minutes", *names)
    return f"A second night of the same applications; processor seconds of all of it.\n\n{table(head, rows)}"


def _waiting(world: World, number: int) -> str:
    """Each of another application, because promotions of one to the same environment end each other."""
    add_applications(world, number, deployed=1)
    set_policy(world, APPROVED_BY_ANYONE)
    with asking(world) as asked:
        first = Waiting(world.at, asked, _first_waiting(world))
        for copy, _ in enumerate(first.for_each(map(application_name, range(1, number))), 1):
            if copy % 100 == 0:
                print(f"{copy} of {number} promotions wait", file=sys.stderr, flush=True)
    recovery = Recovery(world.at)
    recovery.once()
    rounds = [_timed(recovery.once) for _ in range(ROUNDS)]
    first_board, *made = (_timed(lambda: board(world.at, Drifting())) for _ in range(1 + ROUNDS))
    boards, older = _boards(world)
    running = int(ask(world, "/flow_runs/count", _promotions("RUNNING", "PENDING")))
    waiting = int(ask(world, "/flow_runs/count", _promotions("PAUSED")))
    rows: list[Row] = [
        ("waiting promotions, each of another application", f"{waiting:,}", ""),
        ("runs that hold a place of the worker", f"{running}", ""),
        ("the board, a request", *_figures(boards)),
        ("of these requests, answered with a board of up to ten seconds ago", f"{older} of {ROUNDS}", ""),
        ("to make the first board of a server", f"{first_board:.0f}", ""),
        ("to make a new board", *_figures(made)),
        ("a round of recovery", *_figures(rounds)),
    ]
    return f"Many promotions wait at a gate.\n\n{table(('what', 'p50, ms', 'p95, ms'), rows)}"


def _first_waiting(world: World) -> dict[str, Any]:
    """A run of Prefect's, once the flow suspended it."""
    wanted = {"application": application_name(0), "to": "dev", "reason": "measured"}
    run = start_for_person(world.at, "rosa", "promote", wanted)
    end = time.monotonic() + STANDSTILL
    while not (found := ask(world, "/flow_runs/filter", _promotions("PAUSED"))):
        if time.monotonic() > end or ((said := world.at.runs.read(run.id)) and said.is_over):
            raise SystemExit("no promotion waits")
        time.sleep(EVERY)
    first: dict[str, Any] = found[0]
    return first


def _boards(world: World) -> tuple[list[float], int]:
    """Milliseconds of each request, and how many of them got an older board while a new one was made."""
    with client(world.server.url, {"origin": world.server.url}) as http:
        http.post("/sign-in", data=dict(parse_qsl(urlsplit(link(world.at, "rosa")).query)))
        end = time.monotonic() + STANDSTILL
        while http.get("/").is_error and time.monotonic() < end:  # the first board of all takes the longest
            time.sleep(EVERY)
        boards, shown = list[float](), list[str]()
        for _ in range(ROUNDS):
            time.sleep(EVERY)
            boards.append(_timed(lambda: shown.append(http.get("/").raise_for_status().text)))
        return boards, sum(OLDER in text for text in shown)


def _timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _figures(found: list[float]) -> tuple[str, str]:
    return f"{statistics.median(found):.0f}", f"{statistics.quantiles(found, n=20, method='inclusive')[-1]:.0f}"
