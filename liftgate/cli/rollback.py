"""Take a promotion back, or go back to a chosen one: starts a run, and with --wait follows it to its end.

With --to the difference is shown first: of the repository that the settings name, else of the clone.
"""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any, Final

from liftgate.cli import asking, server
from liftgate.cli.answer import Answer, Usage, has_colour, paint, say
from liftgate.cli.clone import Clone
from liftgate.domain import diff
from liftgate.errors import Misconfigured, Refused
from liftgate.services import checks as of_files
from liftgate.services import restore
from liftgate.services.restore import Way, way_back
from liftgate.wiring import Integrations

KEYS: Final = asking.KEYS | {
    "rows": "with --to, list of {pointer, kind, before, after, sentence}: what changes; secrets are masked",
    "misfits": "with --to, list of sentences: where those values do not fit today's checks; it stops nothing",
    "took_back": "with --to, ids of the promotions that are taken back, the newest first",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="whose values")
    parser.add_argument("--in", dest="environment", metavar="ENVIRONMENT", required=True, help="where")
    parser.add_argument("--promotion", metavar="ID", default="", help="which one to take back (the newest there)")
    parser.add_argument(
        "--to", dest="back_to", metavar="ID", default="",
        help="instead, the one to go back to: its values as they were verified, all later ones taken back",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="with --to: show what would change, start nothing")
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    """Raises Refused for a promotion that cannot be gone back to, with the nearest that can."""
    if given.back_to and given.promotion:
        raise Usage("--promotion takes one back, --to goes back to one: give either")
    if given.dry_run and not given.back_to:
        raise Usage("--dry-run shows where --to leads: give --to ID")
    asking.check_names(given, given.environment)
    way = look(given) if given.back_to else None
    text = in_words(way) if way else ""
    if given.dry_run:
        return Answer(text or "nothing is at hand to show it from", dict.fromkeys(asking.KEYS, "") | _data(way))
    if text:
        say(text)
    back_to = way.entry.promotion if way else given.back_to
    place = {"environment": given.environment, "promotion": given.promotion, "back_to": back_to}
    answer = asking.start("rollback", given, given.environment, place, f"{given.application} ↩ in {given.environment}")
    return Answer(answer.text, {**answer.data, **_data(way)}, answer.code)


def look(given: Any) -> Way | None:
    """None, and that is said, where there is neither a repository nor a clone to look at."""
    if server.settings().repository.url:
        tree, entries = server.fetched(), Integrations(server.settings()).entries()
        return restore.judged(tree, way_back(tree, entries, given.application, given.environment, given.back_to))
    with suppress(Misconfigured):
        clone = Clone(given.repo)
        if clone.ledger:
            return _by_clone(clone, given)
    say("no clone with the ledger is at hand, so the difference is shown by the run alone")
    return None


def _by_clone(clone: Clone, given: Any) -> Way:
    try:
        way = way_back(clone.tree, clone.entries(), given.application, given.environment, given.back_to)
    except Refused as refused:
        raise Refused(f"{refused} (as this clone knows it; git pull brings it up to date)") from None
    return restore.judged(clone.tree, way)


def in_words(way: Way) -> str:
    """What changes, what is taken back, and what today's checks would say."""
    said = [paint(line, "yellow") for line in of_files.in_words(way.misfits)]
    back = [f"takes back promotion {promotion}" for promotion in way.took_back]
    return "\n".join([diff.as_terminal(way.plan, colour=has_colour()).rstrip(), *back, *said])


def _data(way: Way | None) -> dict[str, Any]:
    rows, took_back, misfits = (way.plan.rows, way.took_back, way.misfits) if way else ((), (), ())
    return {"rows": [row.model_dump() for row in rows], "took_back": list(took_back), "misfits": list(misfits)}
