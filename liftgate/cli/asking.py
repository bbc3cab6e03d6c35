"""Starts a run through Prefect, says where to look at it, and follows it to its end when asked to."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Final

from liftgate.cli import server
from liftgate.cli.answer import DONE, FAILED, Answer, paint, say
from liftgate.domain.value import Json
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.run import Run
from liftgate.services.notes import Notes

KEYS: Final = {
    "promotion": "id of the promotion, which is the run's",
    "name": "the run's name",
    "state": "the run's state, as last seen",
    "reason": "the outcome in a sentence; empty while it is not over",
    "run_page": "the run in Prefect's pages",
    "page": "the promotion at the gatehouse; empty when that has no address",
}
_ENDS: Final = {
    kind.__name__: kind.exit_code for kind in (Refused, Unavailable, Misconfigured)
}  # a run that ends with an error carries its name as the state's
_EVERY = 0.5


def add_asking(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="stands in the commit and the ledger")
    parser.add_argument("--as", dest="person", metavar="NAME", default="", help="who you are (USER)")
    parser.add_argument("--wait", action="store_true", help="follow it to its end; the exit code is the outcome's")
    parser.add_argument("--repo", metavar="DIR", default=".", help="a clone to check names with, if it is one")


def check_names(given: Any, environment: str) -> None:
    """Raises Refused with the nearest right word, as far as a clone or a mirror is at hand to know it."""
    tree = server.known_pipeline(given.repo)
    if tree:
        tree.environment(environment)
        tree.application(given.application)


def start(flow: str, given: Any, environment: str, parameters: Mapping[str, Json], title: str) -> Answer:
    """Raises Unavailable, Misconfigured, or Refused when the parameters do not fit."""
    prefect = server.registry()
    run = prefect.create(
        flow,
        {
            "application": given.application,
            "reason": given.reason,
            "requested_by": given.person or os.environ.get("USER", ""),
            **parameters,
        },
        name=title,
        tags=[f"application:{given.application}", f"environment:{environment}"],
    )
    say(f"{run.name}: {server.run_page(run.id)}")
    return _answer(follow(prefect, run) if given.wait else run)


def follow(runs: Runs, run: Run) -> Run:
    """The run when it is over; each change of its state, and what the promotion tells, is a line of progress."""
    clock, told, seen = SystemClock(), set[str](), ""
    while not run.is_over:
        if run.state_name != seen:
            seen = run.state_name
            say(f"{seen.lower()}{': ' + run.message if run.message else ''}")
        for key, line in Notes(runs, run.id).told().items():
            if key not in told:
                told.add(key)
                say(line)
        clock.sleep(_EVERY)
        run = runs.read(run.id) or run
    return run


def exit_code(run: Run) -> int:
    if not run.is_over or run.state == "COMPLETED":
        return DONE
    return _ENDS.get(run.state_name, FAILED)


def _answer(run: Run) -> Answer:
    reason = run.message if run.is_over else ""
    page, code = server.promotion_page(run.id), exit_code(run)
    data = {
        "promotion": run.id,
        "name": run.name,
        "state": run.state_name,
        "reason": reason,
        "run_page": server.run_page(run.id),
        "page": page,
    }
    head = f"{run.name}  {run.id}"
    outcome = [paint(reason or run.state_name.lower(), "red" if code else "green")] if run.is_over else []
    return Answer("\n".join([head, server.run_page(run.id), *([page] if page else []), *outcome]), data, code)
