"""One-time sign-in links and the cookie they lead to, signed with a key derived from the gatehouse's own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal, Protocol
from urllib.parse import urlencode

from liftgate.domain.bounded_json import read_as
from liftgate.domain.value import Value
from liftgate.services.ports import CanAttest, HasPages


class Ports(CanAttest, HasPages, Protocol):
    """What these use cases need."""


COOKIE = "liftgate"
LINK_LIFE, COOKIE_LIFE = timedelta(minutes=10), timedelta(hours=12)


class Ticket(Value):
    """What a link or a cookie says."""

    use: Literal["link", "cookie"]
    person: str
    until: datetime
    nonce: str


def link(at: Ports, person: str, to: str = "/") -> str:
    """An address that signs the person in, once, within ten minutes; whoever holds the gatehouse's key can make one.

    The use is noted in the gatehouse's memory: of several gatehouses, each would take it once.
    """
    ticket = make(at, "link", person, LINK_LIFE)
    return f"{at.address('/sign-in')}?{urlencode({'ticket': ticket, 'to': to})}"


def make(at: Ports, use: Literal["link", "cookie"], person: str, life: timedelta) -> str:
    until = at.clock.now() + life
    ticket = Ticket(use=use, person=person, until=until, nonce=secrets.token_urlsafe(12))
    text = base64.urlsafe_b64encode(ticket.model_dump_json().encode()).decode()
    return f"{text}.{_mac(at, text)}"


def read(at: Ports, use: Literal["link", "cookie"], token: str) -> Ticket | None:
    """The ticket when we made it, for this use, and its time has not run out."""
    text, _, mac = token.partition(".")
    if not hmac.compare_digest(_mac(at, text).encode(), mac.encode()):
        return None
    try:
        ticket = read_as(Ticket, base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError):
        return None
    return ticket if ticket.use == use and ticket.until > at.clock.now() else None


def _mac(at: Ports, text: str) -> str:
    key = hashlib.sha256(b"liftgate session\0" + at.gatehouse_key.private_bytes_raw()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
