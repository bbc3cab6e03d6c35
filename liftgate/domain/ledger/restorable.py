"""Which promotion's values can be restored, by the ledger; an error names the nearest one that can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from liftgate.domain.common.nearest import nearest
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry
from liftgate.errors import Refused

SHORT: Final = 13
"""This many characters of a promotion's id distinguish it from others of the same second."""
_ENOUGH: Final = 8


def choose_entry(entries: Sequence[Entry], application: str, environment: str, wanted: str) -> Entry:
    """The entry with this id or unique beginning of an id. `entries` are those of all applications, oldest first.

    Raises Refused for a promotion that is unknown, of another place, never verified, or rolled back.
    """
    mine = ledger.entries_of(entries, application, environment)
    found = _named(entries, mine, wanted)
    if (found.application, found.environment) != (application, environment):
        there = f"promotion {wanted} belongs to {found.application} in {found.environment}"
        raise Refused(f"{there}, not to {application} in {environment}; {_listed(application, environment)}")
    return _sound(found, mine)


def choices(entries: Sequence[Entry]) -> frozenset[str]:
    """The promotions that a person can go back to: for each place, the verified ones without the newest."""
    places = ledger.by_place(entries).values()
    return frozenset(entry.promotion for mine in places for entry in ledger.restorable(mine)[:-1])


def means(wanted: str, promotion: str) -> bool:
    """Whether a whole id, or enough of its beginning, is this promotion's."""
    return wanted == promotion or (len(wanted) >= _ENOUGH and promotion.startswith(wanted))


def why_not(entry: Entry, mine: Sequence[Entry]) -> str:
    """Why the values of this entry cannot be restored; empty if they can. `mine` are its environment's entries."""
    try:
        _sound(entry, mine)
    except Refused as refused:
        return str(refused)
    return ""


def _named(entries: Sequence[Entry], mine: Sequence[Entry], wanted: str) -> Entry:
    exact = [entry for entry in entries if entry.promotion == wanted]
    found = exact or [entry for entry in entries if means(wanted, entry.promotion)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(entry.promotion for entry in found[:5])
        raise Refused(f'"{wanted}" matches several promotions: {ids}; write more characters')
    known = [entry.promotion for entry in ledger.restorable(mine)][-5:]
    raise Refused(f'the ledger knows no promotion "{wanted}"; {nearest(wanted, known)}; all: liftgate history')


def _sound(entry: Entry, mine: Sequence[Entry]) -> Entry:
    what = f"promotion {entry.promotion}"
    if entry.kind == "rollback":
        to = entry.restores or "an earlier one"
        raise Refused(f"{what} is a rollback to {to}: name the promotion that brought the values")
    if not (entry.good and entry.revision):
        last = ledger.last_verified(mine)
        hint = f"the last verified one is {last.promotion} ({last.release_name})" if last else "no promotion was"
        raise Refused(f"{what} was never verified in {entry.environment} ({entry.sentence}); {hint}")
    back = ledger.taken_back(mine).get(entry.promotion)
    if back:
        raise Refused(f"rollback {back.promotion} reverted {what}; {_again(entry)}")
    return entry


def _again(entry: Entry) -> str:
    if entry.kind == "update":
        return "repeat the update to get its values"
    promote = f"liftgate promote {entry.application} --to {entry.environment} --release {entry.release}"
    return f"to promote its release again: {promote}"


def _listed(application: str, environment: str) -> str:
    return f"list them with: liftgate history --application {application} --environment {environment}"
