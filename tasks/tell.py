"""Tell people: one message for a promotion, kept up to date, and lines in its thread; never worth failing for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from liftgate.domain.announcement import Announcement, Place
from liftgate.domain.bounded_json import value_in
from liftgate.domain.promotion import MESSAGE, Promotion
from liftgate.services.notifications import beside, for_people
from liftgate.wiring import Integrations, integrations

SILENT: Final = "people could not be told"


def tell(promotion: Promotion, announcement: Announcement) -> None:
    """Send the promotion's message, or bring it up to date."""
    tell_about(integrations(), told_at(promotion), announcement, promotion.requested_at)


def tell_beside(promotion: Promotion, announcement: Announcement) -> None:
    """The same while the run goes on."""
    at = integrations()
    beside(SILENT, lambda: _show(at, told_at(promotion), announcement, promotion.requested_at), lane="chat")


def tell_step(promotion: Promotion, key: str, line: str) -> None:
    """A line in the thread, while the run goes on; the key makes it come once, however often the run begins again."""
    at = integrations()

    def say() -> None:
        run = told_at(promotion)
        place = place_of(at, run)
        if place and at.runs.add_input(run, f"told-{promotion.kind}-{key}", line):
            at.chat.reply(place, line)

    beside(SILENT, say, lane="chat")


def told_at(promotion: Promotion) -> str:
    """The run whose message it is: a rollback is told where the promotion it takes back was."""
    return promotion.reverts or promotion.id


def tell_about(at: Integrations, run: str, announcement: Announcement, since: datetime) -> None:
    """The message of a run that was asked for at `since`, sent once and then brought up to date."""
    for_people(SILENT, lambda: _show(at, run, announcement, since))


def _show(at: Integrations, run: str, announcement: Announcement, since: datetime) -> None:
    place = place_of(at, run)
    if place:
        at.chat.update(place, announcement)
        return
    found = at.chat.find(run, since - timedelta(minutes=5))
    if found:
        at.chat.update(found, announcement)
    place = found or at.chat.post(announcement)
    if place:
        at.runs.add_input(run, MESSAGE, place.model_dump_json())


def post_once(at: Integrations, announcement: Announcement, since: datetime) -> None:
    """A message of its own, which calls people as a changed one does not; the chat itself knows whether it is there."""

    def say() -> None:
        if at.chat.find(announcement.promotion, since - timedelta(minutes=5)) is None:
            at.chat.post(announcement)

    for_people(SILENT, say)


def place_of(at: Integrations, promotion: str) -> Place | None:
    return value_in(Place, at.runs.inputs(promotion, MESSAGE).get(MESSAGE, ""))
