"""Tell people: the message of a promotion, and lines in its thread."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from liftgate.domain import rendered_text
from liftgate.domain.announcement import Announcement
from liftgate.domain.plan import Plan
from liftgate.domain.promotion import Promotion
from liftgate.domain.run_notes import Check
from liftgate.domain.verdict import Verdict
from liftgate.services.beside import beside, for_people
from liftgate.services.notes import Notes
from liftgate.services.ports import HasChat, HasClock


class Ports(HasChat, HasClock, Protocol):
    """What these use cases need."""


SILENT: Final = "people could not be told"


def tell(at: Ports, promotion: Promotion, announcement: Announcement) -> None:
    """Send the promotion's message, or bring it up to date."""
    tell_about(at, told_at(promotion), announcement, promotion.requested_at)


def tell_beside(at: Ports, promotion: Promotion, announcement: Announcement) -> None:
    """The same while the run goes on."""
    beside(SILENT, lambda: _show(at, told_at(promotion), announcement, promotion.requested_at), lane="chat")


def tell_step(at: Ports, promotion: Promotion, key: str, line: str) -> None:
    """A line in the thread, while the run goes on; the key makes it come once, however often the run begins again."""

    def say() -> None:
        notes = Notes(at.runs, told_at(promotion))
        place = notes.place()
        if place and notes.tell_once(promotion.kind, key, line):
            at.chat.reply(place, line)

    beside(SILENT, say, lane="chat")


def told_at(promotion: Promotion) -> str:
    """The run whose message it is: a rollback is told where the promotion it takes back was."""
    return promotion.reverts or promotion.id


def tell_about(at: Ports, run: str, announcement: Announcement, since: datetime) -> None:
    """The message of a run that was asked for at `since`, sent once and then brought up to date."""
    for_people(SILENT, lambda: _show(at, run, announcement, since))


def _show(at: Ports, run: str, announcement: Announcement, since: datetime) -> None:
    notes = Notes(at.runs, run)
    if place := notes.place():
        at.chat.update(place, announcement)
        return
    found = at.chat.find(run, since - timedelta(minutes=5))
    if found:
        at.chat.update(found, announcement)
    place = found or at.chat.post(announcement)
    if place:
        notes.keep_place(place)


def post_once(at: Ports, announcement: Announcement, since: datetime) -> None:
    """A message of its own, which calls people as a changed one does not; the chat itself knows whether it is there."""

    def say() -> None:
        if at.chat.find(announcement.promotion, since - timedelta(minutes=5)) is None:
            at.chat.post(announcement)

    for_people(SILENT, say)


def keep_verdict(at: Ports, run: str, step: str, verdict: Verdict) -> None:
    """What a named step said, noted beside the run for the promotion's page."""
    check = Check(step=step, state=verdict.state, reason=verdict.reason, at=at.clock.now())
    beside(f"the verdict of {step} is not on the page", lambda: Notes(at.runs, run).keep_check(check))


SHORT = 1000
"""Characters of the chat's message for what will change in the cluster; the page has the rest."""


def cluster_in_short(at: Ports, promotion: Promotion, plan: Plan) -> str:
    """What this plan was rendered to, in short; nobody waits for it here."""
    found = Notes(at.runs, promotion.id).rendered()
    return rendered_text.brief(found, limit=SHORT) if found and found.plan == plan.hash else ""
