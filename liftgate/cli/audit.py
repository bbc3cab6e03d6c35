"""Check the ledger and the commits: the votes must prove who approved, the copy of the last verified values must equal,
byte for byte, what was verified, commits that changed an environment must be signed where the policy requires it, and
no change by hand came past gates that were not open.

It reads only a clone, so it checks what you fetched last, with the keys that the clone allows.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, Final

from liftgate.cli import signatures
from liftgate.cli.answer import DONE, FAILED, Answer, Usage, paint, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.cli.words import count
from liftgate.domain.approval.vote import votes_verdict
from liftgate.domain.common.verdict import Verdict, failed, passed
from liftgate.domain.ledger.backup import backup_verdict
from liftgate.domain.ledger.ledger import Entry
from liftgate.integrations.ledger import backup
from liftgate.services.known_names import check_known

KEYS: Final = {
    "checked": "list of {application, environment, state, reason}: the copies",
    "votes": "list of {promotion, application, environment, state, reason}: the entries that name approvers",
    "by_hand": "list of the same: what people merged or pushed by hand; failed where the gates were not open",
    "ledger": "the ref that has the ledger; empty if the clone has none",
    **signatures.KEYS,
}
_COLOURS: Final = {"passed": "green", "failed": "red"}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)
    parser.add_argument("--backup", action="store_true", help="compare the copies of the verified values")
    parser.add_argument("--votes", action="store_true", help="verify again the votes that the entries keep")
    parser.add_argument("--signatures", action="store_true", help="who signed the commits that changed an environment")
    parser.add_argument(
        "--by-hand", action="store_true", help="list the changes by hand, and which gates were bypassed"
    )
    parser.add_argument("--application", metavar="NAME", default="", help="only this one")
    parser.add_argument("--environment", metavar="NAME", default="", help="only this one")
    parser.add_argument(
        "--limit", type=count, default=signatures.LIMIT, metavar="N",
        help=f"how many commits of each environment ({signatures.LIMIT}; 0: all, at most 5000)",
    )  # fmt: skip
    parser.add_argument("--skip", type=count, default=0, metavar="N", help="leave out so many of the newest commits")


def run(given: Any) -> Answer:
    if not (given.backup or given.votes or given.by_hand or given.signatures):
        raise Usage("say what to audit: --backup, --votes, --by-hand, --signatures")
    clone = Clone(given.repo)
    check_known(clone.tree, given.application or None, given.environment or None)
    copies = list(_checked(clone, given.application, given.environment)) if given.backup else []
    votes = list(_voted(clone, given.application, given.environment)) if given.votes else []
    by_hand = list(_by_hand(clone, given.application, given.environment)) if given.by_hand else []
    page = signatures.Page()
    if given.signatures:
        page = signatures.read_page(clone, given.application, given.environment, given.skip, given.limit)
    data = {
        "checked": [
            {"application": name, "environment": environment, "state": verdict.state, "reason": verdict.reason}
            for name, environment, verdict in copies
        ],
        "votes": [_of_entry(*each) for each in votes],
        "by_hand": [_of_entry(*each) for each in by_hand],
        "ledger": clone.ledger,
        "signatures": signatures.data_of(page.listed),
        "next": page.next,
    }
    rows = [_row(*each) for each in copies]
    rows += [_row(entry.promotion, entry.environment, verdict) for entry, verdict in [*votes, *by_hand]]
    lines = [*table(rows), *(signatures.lines_of(page) if given.signatures else [])]
    if not clone.ledger and (given.backup or given.votes or given.by_hand):
        lines.append("this clone has no ledger; after the first promotion, run: git fetch")
    verdicts = [*(each[-1] for each in copies), *(each[-1] for each in [*votes, *by_hand])]
    is_bad = any(verdict.failed for verdict in verdicts) or any(each.is_refused for each in page.listed)
    return Answer("\n".join(lines), data, FAILED if is_bad else DONE)


def _of_entry(entry: Entry, verdict: Verdict) -> dict[str, str]:
    where = {"promotion": entry.promotion, "application": entry.application, "environment": entry.environment}
    return where | {"state": verdict.state, "reason": verdict.reason}


def _voted(clone: Clone, application: str, environment: str) -> Iterator[tuple[Entry, Verdict]]:
    """The entries that name approvers, the newest first."""
    signers = clone.tree.signers
    for entry in _wanted(clone, application, environment):
        if entry.approved_by:
            yield entry, votes_verdict(entry, signers)


def _by_hand(clone: Clone, application: str, environment: str) -> Iterator[tuple[Entry, Verdict]]:
    """What people merged or pushed by hand, the newest first; failed where the gates were not open."""
    for entry in _wanted(clone, application, environment):
        if entry.by_hand:
            yield entry, (failed if entry.bypassed else passed)(entry.by_hand.sentence)


def _wanted(clone: Clone, application: str, environment: str) -> Iterator[Entry]:
    for entry in reversed(clone.entries()):
        if application in ("", entry.application) and environment in ("", entry.environment):
            yield entry


def _checked(clone: Clone, application: str, environment: str) -> Iterator[tuple[str, str, Verdict]]:
    tree, entries = clone.tree, clone.entries()
    for name in [application] if application else tree.applications:
        for place in [environment] if environment else tree.configuration.order:
            found = backup.find_backup(clone.repository, entries, name, place, clone.ledger)
            yield name, place, backup_verdict(found, name, place)


def _row(subject: str, environment: str, verdict: Verdict) -> tuple[str, ...]:
    state = paint(verdict.state, _COLOURS.get(verdict.state, "yellow"))
    return subject, environment, f"{state}: {verdict.reason}"
