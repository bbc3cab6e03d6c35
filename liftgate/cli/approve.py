"""Approve or reject a promotion: print the address of its page on the Liftgate server, where you decide.

The promotion must wait for a decision, and the person that --as names must have the right to decide. If this machine
has the server's signing key, the address signs that person in. It works once, for ten minutes.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import connection
from liftgate.cli.answer import Answer
from liftgate.domain.approval import ballot
from liftgate.domain.common.nearest import nearest
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.runs.run import Run
from liftgate.wiring import Integrations

KEYS: Final = {"promotion": "its id", "page": "the address to open", "signs_in": "whether it signs the person in"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("promotion", metavar="PROMOTION", help="its id")
    parser.add_argument("--as", dest="person", metavar="PERSON", default="", help="your name in liftgate.json")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a missing setting or an unreadable key, and what the checks raise."""
    at = Integrations(connection.settings())
    page = at.page(given.promotion)
    if not page:
        raise Misconfigured("the Liftgate server's address is unknown: set LIFTGATE_SERVER__URL")
    waiting = find_waiting(given.promotion)
    if given.person:
        check_person(at, waiting, given.person)
    signs_in = bool(given.person and at.settings.server.signing_key.get_secret_value())
    if signs_in:
        from liftgate.services.session import link

        page = link(at, given.person, f"/promotions/{given.promotion}")
    return Answer(page, {"promotion": given.promotion, "page": page, "signs_in": signs_in})


def find_waiting(promotion: str) -> Run:
    """The promotion's run. Raises Refused if it does not exist or does not wait for a decision; Unavailable."""
    from liftgate.services.waiting_runs import closed

    found = connection.registry().read(promotion)
    if found is None:
        raise Refused(f"there is no promotion {promotion}; liftgate status shows what is waiting")
    if problem := closed(found):
        raise Refused(problem)
    return found


def check_person(at: Integrations, waiting: Run, person: str) -> None:
    """Raises Refused if this person may not decide this promotion; Unavailable, Misconfigured."""
    from liftgate.services import approvals

    tree = connection.fetched()
    people = tree.configuration.people
    if people and person not in people:
        raise Refused(f'"{person}" is not in people of liftgate.json; {nearest(person, people)}')
    asked = approvals.pending_approval(at, tree, waiting)
    verdict = ballot.may_vote(person, asked.ballot)
    if verdict.failed:
        raise Refused(verdict.reason)
