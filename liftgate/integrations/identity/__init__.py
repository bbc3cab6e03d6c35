"""What we need of a provider that signs people in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from liftgate.domain.common.value import Value
from liftgate.domain.config.people import Claim


class SignInSecrets(Value):
    """The secrets of one sign-in. Only the browser that began it keeps them, in a cookie."""

    state: str
    nonce: str
    verifier: str


class Identity(Protocol):
    """A provider at another address: a browser goes there and comes back with a code."""

    @property
    def title(self) -> str:
        """What people call it."""

    def check(self) -> None:
        """Ask it for its addresses. Raises Unavailable, Misconfigured."""

    def address(self, own: SignInSecrets, back: str) -> str:
        """Where the browser with its `own` secrets goes; `back` is where it returns to.

        Raises Unavailable, Misconfigured.
        """

    def claim(self, answer: Mapping[str, str], own: SignInSecrets, back: str) -> Claim:
        """Who came back, from the query parameters that the browser brought.

        Raises Refused if they prove nothing about the person; Unavailable, Misconfigured.
        """

    def sign_out_address(self, back: str) -> str:
        """Where the browser signs out there, and then returns to `back`; empty if the provider has no such page.

        Raises Unavailable, Misconfigured.
        """
