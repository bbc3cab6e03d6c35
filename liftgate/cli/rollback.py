"""Roll back a promotion, or restore the values of an earlier one: start a run, and with --wait follow it to its end.

With --to it first shows the changes, from the repository in the settings, else from the clone.
"""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any, Final

from liftgate.cli import asking, connection
from liftgate.cli.answer import Answer, Usage, has_colour, paint, say
from liftgate.cli.clone import Clone
from liftgate.domain.planning import diff
from liftgate.errors import Misconfigured, Refused
from liftgate.services import checks as of_files
from liftgate.services import rollback_target
from liftgate.services.in_force import snapshot_for_people
from liftgate.services.rollback_target import RestorePlan, restore_plan
from liftgate.wiring import Integrations

KEYS: Final = asking.KEYS | {
    "rows": "with --to, list of {pointer, kind, before, after, sentence}, and file if there are several: what changes; "
    "secrets are masked",
    "misfits": "with --to, list of sentences: where these values fail today's checks; only a warning",
    "took_back": "with --to, ids of the promotions that it rolls back, newest first",
}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("application", metavar="APPLICATION", help="application whose values change")
    parser.add_argument(
        "--in", dest="environment", metavar="ENVIRONMENT", required=True, help="environment to roll back"
    )
    parser.add_argument("--promotion", metavar="ID", default="", help="promotion to roll back (the newest there)")
    parser.add_argument(
        "--to", dest="back_to", metavar="ID", default="",
        help="instead, restore the verified values of this promotion; this rolls back all later ones",
    )  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="with --to: only show what would change")
    asking.add_asking(parser)


def run(given: Any) -> Answer:
    """Raises Refused for a promotion whose values cannot be restored; the message names the nearest that can."""
    if given.back_to and given.promotion:
        raise Usage("--promotion rolls back one promotion, --to restores an earlier one: give only one of them")
    if given.dry_run and not given.back_to:
        raise Usage("--dry-run shows what --to would change: give --to ID")
    asking.check_names(given, given.environment, rollback=True)
    way = look(given) if given.back_to else None
    text = in_words(way) if way else ""
    if given.dry_run:
        return Answer(text or "cannot show the changes", dict.fromkeys(asking.KEYS, "") | _data(way))
    if text:
        say(text)
    back_to = way.entry.promotion if way else given.back_to
    place = {"environment": given.environment, "promotion": given.promotion, "back_to": back_to}
    answer = asking.start("rollback", given, given.environment, place, f"{given.application} ↩ in {given.environment}")
    return Answer(answer.text, {**answer.data, **_data(way)}, answer.code)


def look(given: Any) -> RestorePlan | None:
    """None, with a message, if the settings name no repository and there is no clone with a ledger."""
    if connection.settings().repository.url:
        tree, entries = snapshot_for_people(connection.fetched()), Integrations(connection.settings()).entries()
        return rollback_target.judged(
            tree, restore_plan(tree, entries, given.application, given.environment, given.back_to)
        )
    with suppress(Misconfigured):
        clone = Clone(given.repo)
        if clone.ledger:
            return _by_clone(clone, given)
    say("no repository is set and this folder is not a clone with the ledger: only the run shows the changes")
    return None


def _by_clone(clone: Clone, given: Any) -> RestorePlan:
    tree = snapshot_for_people(clone.tree)
    try:
        way = restore_plan(tree, clone.entries(), given.application, given.environment, given.back_to)
    except Refused as refused:
        raise Refused(f"{refused} (in this clone; git pull updates it)") from None
    return rollback_target.judged(tree, way)


def in_words(way: RestorePlan) -> str:
    """The changes, the promotions that it rolls back, and what fails today's checks."""
    said = [paint(line, "yellow") for line in of_files.in_words(way.misfits)]
    back = [f"rolls back promotion {promotion}" for promotion in way.took_back]
    return "\n".join([diff.plan_terminal(way.plan, colour=has_colour()).rstrip(), *back, *said])


def _data(way: RestorePlan | None) -> dict[str, Any]:
    rows, took_back, misfits = (way.plan.rows, way.took_back, way.misfits) if way else ((), (), ())
    return {"rows": [row.model_dump() for row in rows], "took_back": list(took_back), "misfits": list(misfits)}
