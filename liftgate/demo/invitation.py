"""A sign-in link for a person who may take hours: prints a new link whenever the previous one expires."""

from __future__ import annotations

from collections.abc import Callable

from liftgate.services.session import LINK_LIFE, link
from liftgate.wiring import Integrations


class Invitation:
    def __init__(self, at: Integrations, person: str, page: str, say: Callable[[str], None]) -> None:
        self._at, self._person, self._page, self._say = at, person, page, say
        self._say(self._link())

    def renew(self) -> None:
        """Call this repeatedly while the demo waits for the person."""
        if self._at.clock.now() >= self._until:
            self._say(f"    that link has expired; here is a new one:\n{self._link()}")

    def _link(self) -> str:
        self._until = self._at.clock.now() + LINK_LIFE
        return f"    {link(self._at, self._person, self._page)}"
