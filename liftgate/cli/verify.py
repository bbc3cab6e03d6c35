"""Check what the ledger keeps: the copy of the last verified values is what was verified, byte for byte.

Reads a clone alone: what was fetched last is what is checked.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from liftgate.cli.answer import DONE, FAILED, Answer, Usage, paint, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.backup import judge
from liftgate.domain.verdict import Verdict
from liftgate.integrations.ledger import backup

KEYS: Final = {
    "checked": "list of {application, environment, state, reason}",
    "ledger": "the ref the copies were read from; empty: the clone has none",
}
_COLOURS: Final = {"passed": "green", "failed": "red"}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)
    parser.add_argument("--backup", action="store_true", help="compare the copies of the verified values")
    parser.add_argument("--application", metavar="NAME", default="", help="only this one")
    parser.add_argument("--environment", metavar="NAME", default="", help="only this one")


def run(given: Any) -> Answer:
    if not given.backup:
        raise Usage("say what to verify: --backup")
    clone = Clone(given.repo)
    checked = list(_checked(clone, given.application, given.environment))
    data = {
        "checked": [
            {"application": name, "environment": environment, "state": verdict.state, "reason": verdict.reason}
            for name, environment, verdict in checked
        ],
        "ledger": clone.ledger,
    }
    lines = table([_row(*each) for each in checked])
    if not clone.ledger:
        lines.append("no ledger in this clone; after the first promotion: git fetch")
    return Answer("\n".join(lines), data, FAILED if any(verdict.failed for _, _, verdict in checked) else DONE)


def _checked(clone: Clone, application: str, environment: str) -> Iterator[tuple[str, str, Verdict]]:
    """Raises Refused for a name that is none."""
    tree, entries = clone.tree, clone.entries()
    if application:
        tree.application(application)
    if environment:
        tree.environment(environment)
    for name in [application] if application else tree.applications:
        for place in [environment] if environment else tree.configuration.order:
            found = backup.find(clone.repository, entries, name, place, clone.ledger)
            yield name, place, judge(found, name, place)


def _row(application: str, environment: str, verdict: Verdict) -> tuple[str, ...]:
    state = paint(verdict.state, _COLOURS.get(verdict.state, "yellow"))
    return application, environment, f"{state}: {verdict.reason}"
