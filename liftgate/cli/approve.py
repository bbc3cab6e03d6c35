"""Open or refuse a gate: gives the address of the promotion's page at the gatehouse, where the decision is made.

The promotion must wait for a decision, and the person named with --as must be one who may make it. Where the
gatehouse's signing key is at hand, the address signs that person in, once, within ten minutes.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import server
from liftgate.cli.answer import Answer
from liftgate.domain import gate
from liftgate.domain.nearest import nearest
from liftgate.errors import Misconfigured, Refused
from liftgate.integrations.runs.run import Run
from liftgate.wiring import Integrations

KEYS: Final = {"promotion": "its id", "page": "the address to open", "signs_in": "whether it signs the person in"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("promotion", metavar="PROMOTION", help="its id")
    parser.add_argument("--as", dest="person", metavar="PERSON", default="", help="who you are, as people names you")


def run(given: Any) -> Answer:
    """Raises Misconfigured for a setting that is missing or a key that cannot be read, and what the checks raise."""
    at = Integrations(server.settings())
    page = at.page(given.promotion)
    if not page:
        raise Misconfigured("the gatehouse's address is not known: set LIFTGATE_GATEHOUSE__URL")
    waiting = find_waiting(given.promotion)
    if given.person:
        check_person(at, waiting, given.person)
    signs_in = bool(given.person and at.settings.gatehouse.signing_key.get_secret_value())
    if signs_in:
        from liftgate.services.session import link

        page = link(at, given.person, f"/promotions/{given.promotion}")
    return Answer(page, {"promotion": given.promotion, "page": page, "signs_in": signs_in})


def find_waiting(promotion: str) -> Run:
    """The promotion's run. Raises Refused when there is none or it waits for no decision, Unavailable."""
    from liftgate.services import approvals as question

    found = server.registry().read(promotion)
    if found is None:
        raise Refused(f"there is no promotion {promotion}; liftgate status shows what waits")
    if problem := question.closed(found):
        raise Refused(problem)
    return found


def check_person(at: Integrations, waiting: Run, person: str) -> None:
    """Raises Refused for a person who may not decide this promotion, Unavailable, Misconfigured."""
    from liftgate.services import approvals as question

    tree = server.fetched()
    people = tree.configuration.people
    if people and person not in people:
        raise Refused(f'"{person}" is not in people of liftgate.json; {nearest(person, people)}')
    asked = question.read(at, tree, waiting)
    verdict = gate.may_vote(person, asked.requester, asked.approvals)
    if verdict.failed:
        raise Refused(verdict.reason)
