"""Sign-in links and sessions: texts that a key derived from the Liftgate server's own signs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import Field

from liftgate.domain.common.value import Value
from liftgate.domain.config.people import Claim
from liftgate.domain.json_text.bounded_json import read_as
from liftgate.integrations.identity import SignInSecrets
from liftgate.services.ports import CanAttest, HasPages


class Ports(CanAttest, HasPages, Protocol):
    """What these use cases need."""


CALLBACK: Final = "/sign-in/oidc/callback"
"""Where the OpenID Connect provider sends browsers back to."""
LINK_LIFE: Final = timedelta(minutes=10)
SIGN_IN_LIFE: Final = timedelta(minutes=10)


class Ticket(Value):
    """What every text that we sign here says."""

    until: datetime
    nonce: str = Field(default_factory=lambda: secrets.token_urlsafe(12))
    """The server remembers it when the link is used, or when the session ends."""


class Link(Ticket):
    """Signs the person in, once."""

    person: str


class Session(Ticket):
    """A person who signed in."""

    claim: Claim
    person: str
    """Who it was at sign-in; the claim is looked up again at each request."""
    known: bool
    """Whether the person was in `people` at sign-in."""


class SignIn(Ticket):
    """A sign-in elsewhere that this browser began."""

    own: SignInSecrets
    to: str


Kind = TypeVar("Kind", bound=Ticket)


def link(at: Ports, person: str, to: str = "/") -> str:
    """An address that signs the person in, once, within ten minutes; only the Liftgate server's key can make one."""
    ticket = seal(at, Link(person=person, until=at.clock.now() + LINK_LIFE))
    return f"{at.address('/sign-in')}?{urlencode({'ticket': ticket, 'to': to})}"


def seal(at: Ports, ticket: Ticket) -> str:
    text = base64.urlsafe_b64encode(ticket.model_dump_json().encode()).decode()
    return f"{text}.{_mac(at, type(ticket), text)}"


def read(at: Ports, kind: type[Kind], token: str) -> Kind | None:
    """The ticket, if we made it as this kind and it has not expired."""
    text, _, mac = token.partition(".")
    if not hmac.compare_digest(_mac(at, kind, text).encode(), mac.encode()):
        return None
    try:
        ticket = read_as(kind, base64.urlsafe_b64decode(text))
    except (binascii.Error, ValueError):
        return None
    return ticket if ticket.until > at.clock.now() else None


def _mac(at: Ports, kind: type[Ticket], text: str) -> str:
    key = hashlib.sha256(b"liftgate session\0" + at.server_key.private_bytes_raw()).digest()
    return hmac.new(key, f"{kind.__name__}\0{text}".encode(), hashlib.sha256).hexdigest()
