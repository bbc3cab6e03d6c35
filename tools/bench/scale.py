"""What one promotion costs when there are many: a night of N applications through all environments, and N runs that
wait at a gate."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from liftgate.demo.people import start_nightly
from liftgate.demo.repository import ENVIRONMENTS
from liftgate.demo.world import World
from liftgate.domain.runs.run_notes import PLAN
from liftgate.integrations.http import client
from liftgate.runtime.prefect_server import NAME as PREFECT
from liftgate.services.recovery import Recovery
from liftgate.services.session import link
from tools.bench.many import APPROVED_BY_ANYONE, add_applications, set_policy
from tools.bench.promotion import ask
from tools.bench.timing import Row, table
from tools.bench.worker import cpu

SIZES = (10, 50, 250, 500)
WAITING = 1000
EVERY = 2.0
STANDSTILL = 300.0
"""Seconds without an end of a run after which the bench gives up."""
OVER = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
SERVERS = ("argocd", "forge")
ROUNDS = 9
_OF_A_RUN = ("flow_id", "deployment_id", "work_pool_name", "work_queue_name", "parameters")
_OF_A_PAUSE = ("pause_timeout", "pause_reschedule", "pause_key", "run_input_keyset")


class Spent(NamedTuple):
    """Since the world began."""

    requests: dict[str, int]
    """At Argo CD and the forge, git's own requests included."""
    processor: float
    """Seconds of the whole machine."""
    prefect: float
    """Of them, those of Prefect's server."""


class Night(NamedTuple):
    applications: int
    promotions: int
    failed: int
    seconds: float
    before: Spent
    after: Spent


def report() -> str:
    """The section as Markdown."""
    return _measured(SIZES, WAITING)


def small() -> str:
    return _measured((2,), 5)


def _measured(sizes: tuple[int, ...], waiting: int) -> str:
    nights = [_in_a_world(_night, size) for size in sizes]
    return "\n".join([_of_nights(nights), _in_a_world(_waiting, waiting)])


def _in_a_world(measure: Any, number: int) -> Any:
    with tempfile.TemporaryDirectory(prefix="liftgate-bench-") as made:
        Path(made).chmod(0o711)
        with World(Path(made) / "demo", os.environ, lambda _: None) as world:
            return measure(world, number)


def _night(world: World, applications: int) -> Night:
    add_applications(world, applications)
    before, began = _spent(world), time.monotonic()
    run = start_nightly(world, "rosa")
    promotions = applications * len(ENVIRONMENTS)
    _until_over(world, promotions, f"a night of {applications} applications")
    seconds, after = time.monotonic() - began, _spent(world)
    if (said := world.at.runs.read(run)) and said.state != "COMPLETED":
        raise SystemExit(f"the nightly run: {said.state_name}: {said.message}")
    return Night(applications, promotions, promotions - _count(world, "COMPLETED"), seconds, before, after)


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


def _spent(world: World) -> Spent:
    """From proc(5), and from the sandbox's servers."""
    requests = {}
    for name in SERVERS:
        with client(world.sandbox["urls"][name], {}) as http:
            requests[name] = sum(http.get("/sandbox/requests").raise_for_status().json().values())
    tick = os.sysconf("SC_CLK_TCK")
    user, nice, system, *_ = (int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    return Spent(requests, (user + nice + system) / tick, cpu(world.programs.pid(PREFECT)))


def _of_nights(nights: list[Night]) -> str:
    head = (
        *("applications", "promotions", "not completed", "minutes", "s for each"),
        *("Argo CD requests for each", "forge requests for each"),
        *("processor s for each, machine", "of it Prefect's server"),
    )
    rows: list[Row] = []
    for night in nights:
        before, after = night.before, night.after
        asked = [f"{(after.requests[name] - before.requests[name]) / night.promotions:.1f}" for name in SERVERS]
        busy = [after.processor - before.processor, after.prefect - before.prefect]
        rows.append(
            (
                *(f"{night.applications}", f"{night.promotions}", f"{night.failed}", f"{night.seconds / 60:.1f}"),
                f"{night.seconds / night.promotions:.2f}",
                *asked,
                *(f"{each / night.promotions:.2f}" for each in busy),
            )
        )
    text = (
        "A night of all applications from dev to prod without people. The sandbox's Argo CD, forge and Kubernetes, "
        "with the times of a real Argo CD, run on the same machine and are part of its processor time."
    )
    return f"{text}\n\n{table(head, rows)}"


def _waiting(world: World, number: int) -> str:
    """One promotion waits at its gate; the others are the same run again, as Prefect would store them."""
    add_applications(world, 1)
    set_policy(world, APPROVED_BY_ANYONE)
    start_nightly(world, "rosa")
    found = _first_waiting(world)
    for copy in range(1, number):
        _copy(world, found, copy)
    recovery = Recovery(world.at)
    recovery.once()
    rounds, boards = [_timed(recovery.once) for _ in range(ROUNDS)], _boards(world)
    running = int(ask(world, "/flow_runs/count", _promotions("RUNNING", "PENDING")))
    rows: list[Row] = [
        ("waiting promotions", f"{number:,}", ""),
        ("runs that hold a place of the worker", f"{running}", ""),
        ("the board, a request", *_figures(boards)),
        ("a round of recovery", *_figures(rounds)),
    ]
    return f"Many promotions wait at a gate.\n\n{table(('what', 'p50, ms', 'p95, ms'), rows)}"


def _first_waiting(world: World) -> dict[str, Any]:
    """A run of Prefect's, once it waits."""
    end = time.monotonic() + STANDSTILL
    wanted = _promotions("PAUSED")
    while not (found := ask(world, "/flow_runs/filter", wanted)):
        if time.monotonic() > end:
            raise SystemExit("no promotion waits")
        time.sleep(EVERY)
    run: dict[str, Any] = found[0]
    return run


def _copy(world: World, run: dict[str, Any], number: int) -> None:
    """A run in the same state with the same plan."""
    state = {key: run["state"][key] for key in ("type", "name", "message")}
    details = {key: run["state"]["state_details"][key] for key in _OF_A_PAUSE}
    wanted = {key: run[key] for key in _OF_A_RUN} | {"name": f"{run['name']} {number}"}
    made = ask(world, "/flow_runs/", wanted | {"state": state | {"state_details": details}})
    for key, value in world.at.runs.inputs(run["id"], PLAN.key()).items():
        world.at.runs.add_input(made["id"], key, value)


def _boards(world: World) -> list[float]:
    with client(world.server.url, {"origin": world.server.url}) as http:
        http.post("/sign-in", data=dict(parse_qsl(urlsplit(link(world.at, "rosa")).query)))
        http.get("/").raise_for_status()
        return [_timed(lambda: http.get("/").raise_for_status()) for _ in range(ROUNDS)]


def _timed(call: Any) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _figures(found: list[float]) -> tuple[str, str]:
    return f"{statistics.median(found):.0f}", f"{statistics.quantiles(found, n=20, method='inclusive')[-1]:.0f}"
