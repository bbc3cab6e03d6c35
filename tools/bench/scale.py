"""What one promotion costs when there are many: nights of N applications through all environments, and N runs that
wait at a gate."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from liftgate.demo.world import World
from liftgate.domain.drift.record import Drifting
from liftgate.integrations.http import client
from liftgate.runtime.prefect_server import NAME as PREFECT
from liftgate.services.board import board
from liftgate.services.recovery import Recovery
from liftgate.services.requests import start_for_person
from liftgate.services.session import link
from tools.bench.many import (
    APPROVED_BY_ANYONE,
    add_applications,
    add_to_argocd,
    application_name,
    release_again,
    set_policy,
)
from tools.bench.night import BY_ARGOCD, EVERY, SERVERS, STANDSTILL, Night, measured_night, promotions_in
from tools.bench.promotion import ask, asking
from tools.bench.settled import settle, wait_until_synced
from tools.bench.timing import Row, table
from tools.bench.usage import FLOWS, MACHINE, SIGNER, WORKER
from tools.bench.waiting import Waiting

SIZES, ALL_NEW = (10, 50, 250, 500), (10, 50, 250)
"""Applications of a usual night, and of one in which all of them have something new."""
WAITING = 1000
NEW = 5
"""How many applications have something new in a usual night."""
ROUNDS = 9
OLDER = "this is the board of"
"""How a page says that it shows an older board."""
_T = TypeVar("_T")


def report(all_new: Sequence[int] = ALL_NEW, usual: Sequence[int] = SIZES, waiting: int = WAITING) -> str:
    """The section as Markdown, of what is asked for: a night for each number of applications, all of them with
    something new or a few, and so many runs that wait."""
    parts = [_of_nights([_in_a_world(_all_new, size) for size in all_new])] if all_new else []
    parts += [_of_usual([_in_a_world(_usual, size) for size in usual])] if usual else []
    parts += [_in_a_world(_waiting, waiting)] if waiting else []
    return "\n".join(parts)


def small() -> str:
    return report((2,), (2 * NEW,), 6)


def _in_a_world(measure: Callable[[World, int], _T], number: int) -> _T:
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        Path(made).chmod(0o711)
        with World(Path(made) / "demo", os.environ, lambda _: None) as world:
            return measure(world, number)


def _all_new(world: World, applications: int) -> Night:
    add_applications(world, applications)
    return measured_night(world, applications, applications)


def _usual(world: World, applications: int) -> tuple[Night, Night]:
    """One in which a few have something new, and the next one, in which none has."""
    add_applications(world, applications, deployed=0)
    settle(world, [application_name(each) for each in range(applications)])
    add_to_argocd(world, applications)
    wait_until_synced(world)
    release_again(world, NEW)
    return measured_night(world, applications, NEW), measured_night(world, applications, 0)


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


def _ours(night: Night) -> float:
    """Processor seconds of all programs but the sandbox."""
    return sum(used for name, used in night.spent.seconds.items() if name not in (MACHINE, "sandbox"))


def _of_usual(nights: list[tuple[Night, Night]]) -> str:
    head = (
        *(
            "applications",
            "promotions",
            "not completed",
            "s",
            "until all are looked at",
            "processor s for each promotion",
            "the sandbox's",
        ),
        *("Argo CD requests for each", "forge requests for each"),
        *("a night without news: s", "processor s of the flow, for each application in ms", "Argo CD", "forge"),
    )
    rows: list[Row] = [
        (
            *(f"{first.applications}", f"{first.promotions}", f"{first.failed}", f"{first.seconds:.0f}"),
            *(f"{first.look:.1f}", f"{_ours(first) / first.promotions:.2f}"),
            f"{first.spent.seconds['sandbox'] / first.promotions:.2f}",
            *(f"{first.spent.requests.get(name, 0) / first.promotions:.1f}" for name in SERVERS),
            *(f"{none.look:.1f}", f"{none.spent.seconds[FLOWS] * 1000 / none.applications:.1f}"),
            *(f"{none.spent.requests.get(name, 0)}" for name in SERVERS),
        )
        for first, none in nights
    ]
    text = (
        f"A usual night: all applications were promoted to every environment before, and {NEW} have a new release. "
        "Then the next night, in which none has one."
    )
    return f"{text}\n\n{table(head, rows)}"


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
    running = int(ask(world, "/flow_runs/count", promotions_in("RUNNING", "PENDING")))
    waiting = int(ask(world, "/flow_runs/count", promotions_in("PAUSED")))
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
    while not (found := ask(world, "/flow_runs/filter", promotions_in("PAUSED"))):
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
