"""Open or refuse a gate: gives the address of the promotion's page at the gatehouse, where the decision is made.

Where the gatehouse's signing key is at hand, the address signs the person in, once, within ten minutes.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from liftgate.cli import server
from liftgate.cli.answer import Answer
from liftgate.errors import Misconfigured
from liftgate.wiring import Integrations

KEYS: Final = {"promotion": "its id", "page": "the address to open", "signs_in": "whether it signs the person in"}


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("promotion", metavar="PROMOTION", help="its id")
    parser.add_argument("--as", dest="person", metavar="PERSON", default="", help="who you are, as people names you")


def run(given: Any) -> Answer:
    """Raises Misconfigured when nobody knows where the gatehouse is, or the key cannot be read."""
    at = Integrations(server.settings())
    page = at.page(given.promotion)
    if not page:
        raise Misconfigured("nobody knows where the gatehouse is: set LIFTGATE_GATEHOUSE__URL")
    signs_in = bool(given.person and at.settings.gatehouse.signing_key.get_secret_value())
    if signs_in:
        from liftgate.gatehouse.session import link

        page = link(at, given.person, f"/promotions/{given.promotion}")
    return Answer(page, {"promotion": given.promotion, "page": page, "signs_in": signs_in})
