"""Decides clicks in Slack in threads of their own: the person is answered also while Prefect or Git hangs."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import BoundedSemaphore, Thread, Timer
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from liftgate.domain.common.value import Value
from liftgate.domain.config import people
from liftgate.domain.promotion.announcement import Place
from liftgate.domain.secrets.masking import masked_text
from liftgate.errors import LiftgateError, Misconfigured, Unavailable
from liftgate.integrations.chat.slack import account
from liftgate.integrations.chat.slack_blocks import SECTION, escaped
from liftgate.integrations.http import client, send
from liftgate.integrations.replay import Once
from liftgate.integrations.time_limit import time_limit
from liftgate.services.notes import Notes
from liftgate.services.record_vote import record_vote
from liftgate.wiring import Integrations

log = logging.getLogger(__name__)
SOON: Final = 2.0
"""Seconds after which a person is told that the decision takes longer. Slack calls a click that waits 3 s failed."""
WITHIN: Final = 120.0
"""Seconds in which a click is decided or given up. Slack takes answers for 30 minutes."""
MOST: Final = 200
"""Clicks in progress; at once only a few of them are decided."""
_AT_ONCE: Final = 8
_TRY: Final = 20.0
_PAUSE: Final = 2.0
_ANSWER: Final = 10.0
_UUID: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


class ButtonClick(Value):
    """One click on one of our buttons."""

    team: str
    user: str
    place: Place
    decision: Literal["approve", "reject"]
    promotion: str = Field(pattern=_UUID)
    plan: str = Field(pattern="^[0-9a-z:]{1,128}$")
    shown: str = Field(pattern="^[0-9a-z:]{0,128}$")
    answer_to: str = ""


class Clicks:
    def __init__(
        self, at: Integrations, presses: Once, soon: float = SOON, within: float = WITHIN, most: int = MOST
    ) -> None:
        self._at, self._presses, self._soon, self._within = at, presses, soon, within
        self._free, self._turn = BoundedSemaphore(most), BoundedSemaphore(_AT_ONCE)
        self._team = ""

    def take(self, click: ButtonClick, delivery: str) -> bool:
        """Decide it in the background, once for each delivery; False when there are too many in progress."""
        if not self._free.acquire(blocking=False):
            log.warning("too many clicks in Slack are in progress; one was refused")
            return False
        Thread(target=self._answer, args=(click, delivery), name="click", daemon=True).start()
        return True

    def _answer(self, click: ButtonClick, delivery: str) -> None:
        """Show only that person the result, and before it that it takes longer."""
        until = self._at.clock.now() + timedelta(seconds=self._within)
        late = Timer(self._soon, self._tell, (click.answer_to, _waiting(f"{until:%H:%M:%S}")))
        late.daemon = True
        late.start()
        try:
            sentence = self._sentence(click) if self._presses.first(delivery) else ""
        except LiftgateError as error:
            sentence = f"your decision was not recorded: {error}; press the button again in a moment"
        finally:
            late.cancel()
            self._free.release()
        if sentence:
            self._tell(click.answer_to, masked_text(sentence))

    def _sentence(self, click: ButtonClick) -> str:
        """A vote is stored once, so it is safe to try again."""
        clock = self._at.clock
        end = clock.monotonic() + self._within
        while True:
            try:
                return self._in_turn(click, end - clock.monotonic())
            except Unavailable as error:
                if clock.monotonic() + _PAUSE >= end:
                    return f"your decision was not recorded: {error}; press the button again in a moment"
            except LiftgateError as error:
                return f"your decision was not recorded: {error}"
            clock.sleep(_PAUSE)

    def _in_turn(self, click: ButtonClick, left: float) -> str:
        if not self._turn.acquire(timeout=max(left, 0.0)):
            raise Unavailable("the Liftgate server has too many decisions to record")
        try:
            with time_limit(min(_TRY, left)):
                return self._decided(click)
        finally:
            self._turn.release()

    def _decided(self, click: ButtonClick) -> str:
        """What Slack itself says is checked first: a foreign click makes no request to Prefect."""
        at = self._at
        if click.team != self._workspace():
            return f"your decision does not count: {click.team} is not the workspace of this Liftgate server"
        if click.place.channel != (at.settings.slack.channel or click.place.channel):
            return "this is not the promotion's own message; use the buttons there"
        who = people.by_account(at.latest.configuration, click.user, account)
        if not who.known:
            return f"your decision does not count: no person in liftgate.json has the Slack id {click.user}"
        if Notes(at.runs, click.promotion).place() != click.place:
            return "this is not the promotion's own message; use the buttons there"
        answer = record_vote(
            at,
            promotion_id=click.promotion,
            plan=click.plan,
            shown=click.shown,
            person=who.name,
            decision=click.decision,
            through="slack",
        )
        return answer.sentence

    def _workspace(self) -> str:
        """The setting's, else the one of the bot's token."""
        self._team = self._team or self._at.settings.slack.workspace or self._at.chat.workspace()
        if not self._team:
            raise Misconfigured("set LIFTGATE_SLACK__WORKSPACE to the id (T…) of the workspace whose clicks count")
        return self._team

    def _tell(self, url: str, sentence: str) -> None:
        parts, slack = urlsplit(url), urlsplit(self._at.settings.slack.url)
        if parts.netloc not in ("hooks.slack.com", slack.netloc) or parts.scheme not in ("https", slack.scheme):
            log.warning("no address to send the answer to: %s", sentence)
            return
        message = {"response_type": "ephemeral", "replace_original": False, "text": escaped(sentence)[:SECTION]}
        try:
            with time_limit(_ANSWER), client(f"{parts.scheme}://{parts.netloc}", {}) as http:
                send(http, "Slack", "POST", parts.path, json=message)
        except LiftgateError as error:
            log.warning("the answer could not be sent (%s): %s", error, sentence)


def _waiting(until: str) -> str:
    return (
        "your decision is not recorded yet: Prefect or Git has not answered. "
        f"Liftgate tries until {until} UTC, and then tells you the result here"
    )
