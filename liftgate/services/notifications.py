"""Notify people: the message of a promotion, and lines in its thread."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final, Protocol

from liftgate.domain.common.verdict import Verdict
from liftgate.domain.planning.plan import Plan
from liftgate.domain.promotion.announcement import Announcement
from liftgate.domain.promotion.attempt import Attempt, GatedChange
from liftgate.domain.rendered import text as rendered_text
from liftgate.domain.runs.run_notes import Check
from liftgate.services.best_effort import beside, for_people
from liftgate.services.in_force import snapshot_in_force
from liftgate.services.notes import Notes
from liftgate.services.ports import HasBranch, HasChat, HasClock


class Ports(HasChat, HasClock, Protocol):
    """What these use cases need."""


class CanTellOfCommits(Ports, HasBranch, Protocol):
    """What tells people about the repository too."""


SILENT: Final = "people could not be told"


def tell(at: Ports, promotion: Attempt, announcement: Announcement) -> Exception | None:
    """Send the promotion's message, or bring it up to date; returns why people could not be told."""
    return tell_about(at, promotion.message_of, announcement, promotion.requested_at)


def tell_beside(at: Ports, promotion: Attempt, announcement: Announcement) -> None:
    """The same while the run continues."""
    beside(SILENT, lambda: show(at, promotion.message_of, announcement, promotion.requested_at), lane="chat")


def tell_step(at: Ports, promotion: Attempt, key: str, line: str) -> None:
    """A line in the thread, while the run continues; the key sends it only once, however often the run starts again."""

    def say() -> None:
        notes = Notes(at.runs, promotion.message_of)
        place = notes.place()
        if place and notes.tell_once(promotion.kind, key, line):
            at.chat.reply(place, line)

    beside(SILENT, say, lane="chat")


def tell_unusable(at: CanTellOfCommits, attempt: Attempt, commit: str) -> str:
    """Say, and return, that `liftgate.json` cannot be used at the commit, and what counts instead. Empty where it can
    be used."""
    notice = snapshot_in_force(at.tree(commit)).in_force.notice
    if notice:
        print(notice)
        tell_step(at, attempt, "configuration", f"⚠️ {notice}")
    return notice


def tell_about(at: Ports, run: str, announcement: Announcement, since: datetime) -> Exception | None:
    """The message of a run that was requested at `since`: sent once, then updated."""
    return for_people(SILENT, lambda: show(at, run, announcement, since))


def show(at: Ports, run: str, announcement: Announcement, since: datetime) -> None:
    """The same; raises what the chat and Prefect raise. A message that a person deleted is sent again."""
    notes = Notes(at.runs, run)
    place = notes.place()
    if place and at.chat.update(place, announcement):
        return
    place = at.chat.find(run, since - timedelta(minutes=5))
    if place is None or not at.chat.update(place, announcement):
        place = at.chat.post(announcement)
    if place:
        notes.keep_place(place)


def post_once(at: Ports, announcement: Announcement, since: datetime) -> None:
    """A separate message, because an update notifies no one; the chat itself shows whether it was sent."""

    def say() -> None:
        if at.chat.find(announcement.promotion, since - timedelta(minutes=5)) is None:
            at.chat.post(announcement)

    for_people(SILENT, say)


_LOCK: Final = threading.Lock()
_unkept: Final[defaultdict[str, list[Check]]] = defaultdict(list)
"""Verdicts that are not noted yet, by run."""


def keep_verdict(at: Ports, run: str, step: str, verdict: Verdict, inputs: str = "") -> None:
    """Keep a step's verdict as a note of the run, for its page; `inputs` is the digest of what the step checked. The
    verdicts of steps that end at about the same time become one note."""
    check = Check(step=step, state=verdict.state, reason=verdict.reason, at=at.clock.now(), inputs=inputs)
    with _LOCK:
        _unkept[run].append(check)
    beside("verdicts are not on the page", lambda: _keep_verdicts(at, run))


def _keep_verdicts(at: Ports, run: str) -> None:
    with _LOCK:
        checks = _unkept.pop(run, [])
    if not checks:
        return
    try:
        Notes(at.runs, run).keep_checks(*checks)
    except Exception:
        # behind newer ones, whose note has another key than one that was stored although it failed here
        with _LOCK:
            _unkept[run] += checks
        raise


SHORT = 1000
"""Characters of the chat's message for what will change in the cluster; the page has the rest."""


def cluster_in_short(at: Ports, promotion: GatedChange, plan: Plan) -> str:
    """What this plan was rendered to, in short; nothing waits for it here."""
    found = Notes(at.runs, promotion.id).rendered(plan.hash)
    return rendered_text.brief(found, limit=SHORT) if found else ""
