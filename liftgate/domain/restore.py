"""Which promotion's values can come back, by the ledger; what cannot is said with the nearest that can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from liftgate.domain import ledger
from liftgate.domain.announcement import sentence
from liftgate.domain.ledger import Entry
from liftgate.domain.nearest import nearest
from liftgate.errors import Refused

SHORT: Final = 13
"""So many characters of a promotion's id tell it from others made in the same second."""
_ENOUGH: Final = 8


def choose(entries: Sequence[Entry], application: str, environment: str, wanted: str) -> Entry:
    """By its id, or as much of it as is like no other. `entries` are everybody's, oldest first.

    Raises Refused for one that is unknown, of another place, never verified, or taken back.
    """
    mine = ledger.of(entries, application, environment)
    found = _named(entries, mine, wanted)
    if (found.application, found.environment) != (application, environment):
        there = f"promotion {wanted} is one of {found.application} in {found.environment}"
        raise Refused(f"{there}, not of {application} in {environment}; {_listed(application, environment)}")
    return _sound(found, mine)


def choices(entries: Sequence[Entry]) -> frozenset[str]:
    """The promotions that somebody may want to go back to: of each place the verified ones but the newest."""
    places = ledger.by_place(entries).values()
    return frozenset(entry.promotion for mine in places for entry in ledger.restorable(mine)[:-1])


def means(wanted: str, promotion: str) -> bool:
    """Whether a whole id, or enough of one, is this promotion's."""
    return wanted == promotion or (len(wanted) >= _ENOUGH and promotion.startswith(wanted))


def why_not(entry: Entry, mine: Sequence[Entry]) -> str:
    """Why the values of this entry cannot come back; empty when they can. `mine` are its environment's."""
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
        raise Refused(f'"{wanted}" is the beginning of several promotions: {ids}; write more of it')
    known = [entry.promotion for entry in ledger.restorable(mine)][-5:]
    raise Refused(f'the ledger knows no promotion "{wanted}"; {nearest(wanted, known)}; all: liftgate history')


def _sound(entry: Entry, mine: Sequence[Entry]) -> Entry:
    what = f"promotion {entry.promotion}"
    if entry.kind == "rollback":
        to = entry.restores or "an earlier one"
        raise Refused(f"{what} is itself a rollback, to {to}: name the promotion that brought the values")
    if not (entry.good and entry.revision):
        last = ledger.last_verified(mine)
        hint = f"the last that was is {last.promotion} ({last.version})" if last else "none was"
        raise Refused(f"{what} was never verified in {entry.environment} ({sentence(entry)}); {hint}")
    back = ledger.taken_back(mine).get(entry.promotion)
    if back:
        raise Refused(f"{what} was taken back by rollback {back.promotion}; {_again(entry)}")
    return entry


def _again(entry: Entry) -> str:
    if entry.kind == "update":
        return "make the update again to have its values"
    promote = f"liftgate promote {entry.application} --to {entry.environment} --release {entry.release}"
    return f"to bring its release again all the same: {promote}"


def _listed(application: str, environment: str) -> str:
    return f"list those with: liftgate history --application {application} --environment {environment}"
