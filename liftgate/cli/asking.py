"""Starts a run through Prefect, prints the address of its page, and with --wait follows it to the end."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any, Final

from liftgate.cli import connection
from liftgate.cli.answer import DONE, FAILED, Answer, paint, say
from liftgate.domain.common.value import Json
from liftgate.errors import Misconfigured, Refused, Unavailable
from liftgate.integrations.clock import SystemClock
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.run import Run
from liftgate.services.in_force import snapshot_for_people
from liftgate.services.known_names import check_known
from liftgate.services.notes import Notes

KEYS: Final = {
    "promotion": "id of the promotion; it is also the id of the run",
    "name": "the run's name",
    "state": "the last known state of the run",
    "reason": "the outcome in one sentence; empty until the run ends",
    "run_page": "address of the run's page in Prefect",
    "page": "address of the promotion's page on the Liftgate server; empty if the server has no address",
}
_ENDS: Final = {
    kind.__name__: kind.exit_code for kind in (Refused, Unavailable, Misconfigured)
}  # when an error ends a run, the state has the name of the error
_EVERY, _LONGEST_PAUSE = 0.5, 2.0
"""Seconds between two looks: the longer a run takes, the less often a person's terminal asks Prefect's server."""


def add_asking(parser: ArgumentParser) -> None:
    parser.add_argument("--reason", default="", help="why; recorded in the commit and the ledger")
    parser.add_argument("--as", dest="person", metavar="NAME", default="", help="your name (default: USER)")
    parser.add_argument("--wait", action="store_true", help="follow the run to its end; the outcome sets the exit code")
    parser.add_argument("--repo", metavar="DIR", default=".", help="a clone to check names against (this folder)")


def check_names(given: Any, environment: str, *, rollback: bool = False) -> None:
    """Raises Refused with the nearest known name. Without a clone or a mirror it checks nothing."""
    tree = connection.known_pipeline(given.repo)
    if tree:
        check_known(snapshot_for_people(tree) if rollback else tree, given.application, environment)


def start(flow: str, given: Any, environment: str, parameters: Mapping[str, Json], title: str) -> Answer:
    """Raises Unavailable, Misconfigured, or Refused when the parameters are wrong."""
    prefect = connection.registry()
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
    say(f"{run.name}: {connection.run_page(run.id)}")
    return _answer(follow(prefect, run) if given.wait else run)


def follow(runs: Runs, run: Run) -> Run:
    """The run when it is over; prints each state change and each message of the promotion as progress."""
    clock, told, seen = SystemClock(), set[str](), ""
    began = clock.monotonic()
    while not run.is_over:
        if run.state_name != seen:
            seen = run.state_name
            say(f"{seen.lower()}{': ' + run.message if run.message else ''}")
        for key, line in Notes(runs, run.id).told().items():
            if key not in told:
                told.add(key)
                say(line)
        clock.sleep(max(_EVERY, min((clock.monotonic() - began) / 10, _LONGEST_PAUSE)))
        run = runs.read(run.id) or run
    return run


def exit_code(run: Run) -> int:
    if not run.is_over or run.state == "COMPLETED":
        return DONE
    return _ENDS.get(run.state_name, FAILED)


def _answer(run: Run) -> Answer:
    reason = run.message if run.is_over else ""
    page, code = connection.promotion_page(run.id), exit_code(run)
    data = {
        "promotion": run.id,
        "name": run.name,
        "state": run.state_name,
        "reason": reason,
        "run_page": connection.run_page(run.id),
        "page": page,
    }
    head = f"{run.name}  {run.id}"
    outcome = [paint(reason or run.state_name.lower(), "red" if code else "green")] if run.is_over else []
    return Answer("\n".join([head, connection.run_page(run.id), *([page] if page else []), *outcome]), data, code)
