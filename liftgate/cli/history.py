"""Show what happened, newest first. It reads only the ledger in a clone. Commands accept the shortened ids."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli.answer import Answer, table
from liftgate.cli.clone import Clone, add_repo
from liftgate.domain.ledger.ledger import Entry
from liftgate.domain.ledger.restorable import SHORT
from liftgate.services.known_names import check_known

KEYS: Final = {
    "entries": "list of ledger entries, newest first",
    "ledger": "the ref that has the entries; empty if the clone has none",
    "ignored": "number of entries without the signature of an allowed signer",
    "unread": "list of sentences: files of the ledger that cannot be read",
}


def arguments(parser: ArgumentParser) -> None:
    add_repo(parser)
    parser.add_argument("--application", metavar="NAME", default="", help="only this one")
    parser.add_argument("--environment", metavar="NAME", default="", help="only this one")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="how many entries (20; 0: all)")


def run(given: Any) -> Answer:
    clone = Clone(given.repo)
    if given.application or given.environment:
        check_known(clone.tree, given.application or None, given.environment or None)
    shown = clone.past.newest(given.limit, given.application, given.environment)
    whole, unread = clone.past.whole, clone.unread()
    ignored = whole.files - whole.count - len(whole.unread)
    data = {
        "entries": [e.model_dump(mode="json") for e in shown],
        "ledger": clone.ledger,
        "ignored": ignored,
        "unread": unread,
    }
    return Answer("\n".join([*_lines(clone, shown, ignored), *unread]), data)


def _lines(clone: Clone, shown: list[Entry], ignored: int) -> list[str]:
    lines = table([_row(entry) for entry in shown]) if shown else []
    if not clone.ledger:
        lines.append("this clone has no ledger; after the first promotion, run: git fetch")
    elif not shown:
        lines.append("no entries match")
    if ignored:
        lines.append(f"{ignored} entries left out: no key in .liftgate/allowed_signers signed them")
    return lines


def _row(entry: Entry) -> tuple[str, ...]:
    what = f"{entry.application} {entry.what} → {entry.environment}"
    when, short = f"{entry.times.finished:%Y-%m-%d %H:%M}", entry.promotion[:SHORT]
    return (when, short, what, entry.kind, entry.requester, entry.sentence)
