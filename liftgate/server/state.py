"""What one server process holds: the integrations, and small caches that live for minutes."""

from __future__ import annotations

from functools import cached_property
from threading import Event
from typing import Final

from liftgate.domain.config.configuration import Configuration
from liftgate.domain.drift.record import Drifting
from liftgate.domain.promotion.board import Board
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.mirror import Mirror
from liftgate.integrations.replay import Once
from liftgate.integrations.runs.forwarder import Forwarder
from liftgate.server.clicks import Clicks
from liftgate.server.kept import Kept
from liftgate.server.limits import SignInLimits
from liftgate.server.once_each import OnceEach
from liftgate.server.words import span
from liftgate.services import board as view
from liftgate.services import reviews, session
from liftgate.services.drift import Watch
from liftgate.services.in_force import snapshot_for_people
from liftgate.services.pull_checks import PullChecks
from liftgate.wiring import Integrations

CLOCKS: Final = 300.0
"""Seconds by which the clocks of two Liftgate servers may differ."""


class ServerState:
    def __init__(self, at: Integrations) -> None:
        self.at = at
        self.looked = Event()
        """Set when a page was read or a webhook came: then the mirror is fetched."""
        self.watch = Watch(at)
        self.pulls = PullChecks(at)

    @cached_property
    def links(self) -> Once:
        """One-time links that were used."""
        return self.once("link", session.LINK_LIFE.total_seconds())

    @cached_property
    def ended(self) -> Once:
        """Sessions that ended before their age."""
        return self.once("session", self.at.settings.server.session_hours * 3600)

    @cached_property
    def sign_in_limits(self) -> SignInLimits:
        return SignInLimits(self.at.clock)

    @cached_property
    def reviews(self) -> OnceEach:
        """Promotions whose reviews a forge reported; recovery finds what is lost here."""
        return OnceEach(self._take_reviews)

    def _take_reviews(self, promotion: str) -> None:
        if run := self.at.runs.read(promotion):
            reviews.take(self.at, run)

    @cached_property
    def presses(self) -> Once:
        """Slack's signatures that were used; each is valid for five minutes."""
        return self.once("slack", 660)

    def once(self, kind: str, life: float) -> Once:
        """Keys of one kind, which all Liftgate servers of the installation remember longer than `life`: one whose clock
        is ahead would otherwise forget a key while another one still takes it."""
        return self.at.database.once(kind, self.at.clock, life + CLOCKS)

    @cached_property
    def forwarder(self) -> Forwarder:
        """Made when a page of Prefect asks first."""
        return self.at.forwarder()

    async def close(self) -> None:
        if "forwarder" in vars(self):
            await self.forwarder.close()

    @cached_property
    def clicks(self) -> Clicks:
        """Those in Slack that are in progress."""
        return Clicks(self.at, self.presses)

    @property
    def git(self) -> Mirror:
        return self.at.prepared

    @property
    def tree(self) -> ConfigSnapshot:
        return self.at.latest

    @property
    def drift(self) -> Drifting:
        """What the watch for drift saw last; a page sends no request for it."""
        return self.watch.seen

    @cached_property
    def board(self) -> Kept[Board]:
        """Many readers at the same time cost one read."""
        return Kept(self.at.clock, 1.5, self._board, within=10.0, recent=10.0)

    @cached_property
    def readiness(self) -> Kept[None]:
        return Kept(self.at.clock, 1.5, self._ready, within=2.5)

    def _ready(self) -> None:
        self.at.runs.find(flows=("promote",), limit=1)
        self.git.fetch()

    def shown_board(self) -> Board:
        """The board, or the last one with its age and the reason. Raises a LiftgateError when there is none."""
        board, age, trouble = self.board.get()
        if not trouble:
            return board
        old = f"this is the board of {span(age)} ago: {trouble}"
        return board.copy_with(notices=(old, *board.notices))

    def _board(self) -> Board:
        self.looked.set()
        return view.board(self.at, self.drift)

    @property
    def configuration(self) -> Configuration:
        return self.tree.configuration

    @property
    def in_force(self) -> Configuration:
        """Whom the server knows by it: while `liftgate.json` cannot be read, people still sign in and roll back."""
        return snapshot_for_people(self.tree).configuration
