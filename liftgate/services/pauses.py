"""Pause and resume for a proven person, and the memory of pauses: a deleted branch lifts none.

The first program that sees a pause, a worker at a gate or the server, keeps it in the ledger. From then on only a
statement that the server signed, or a maintainer's signed commit, lifts it.
"""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Final, Protocol

from liftgate.domain.approval.pause import Pause, PauseNote, Resume, place_in, place_of
from liftgate.domain.approval.statement import sign_statement
from liftgate.domain.commits import signature
from liftgate.domain.promotion.announcement import Announcement
from liftgate.errors import LiftgateError
from liftgate.integrations.git import pauses as branches
from liftgate.integrations.git.repository import Author
from liftgate.integrations.ledger import pause_files
from liftgate.services import notifications
from liftgate.services.drift_tell import TOO_LATE
from liftgate.services.ports import CanAttest, HasAuthor, HasBranch, HasPages

log = logging.getLogger(__name__)
_GONE: Final = "🚨 a pause lost its branch"
_BEFORE: Final = timedelta(minutes=5)
"""The clocks of Git and of the chat may differ by so much."""


class Ports(CanAttest, HasBranch, Protocol):
    """What these use cases need."""


class WatchPorts(notifications.Ports, CanAttest, HasBranch, HasPages, Protocol):
    """What the server needs to keep pauses and to tell people."""


def pause(at: Ports, person: str, environment: str, reason: str, author: Author) -> None:
    """Pause promotions for this proven person, once. Raises Refused, Unavailable, Misconfigured."""
    commit = branches.add_pause(at.git, environment, reason, author, at.clock.now())
    at.git.fetch()
    new = next(
        (each for each in at.pauses() if commit and each.id.startswith(f"{place_of(environment)}/{commit}-")), None
    )
    if new:
        note = PauseNote(pause=new.id, reason=new.reason, by=person, since=new.since)
        text = sign_statement(note, at.server_key, signature.VOTES)
        pause_files.note_pause(at.git, new, text, at.server_author)


def resume(at: Ports, person: str, environment: str) -> None:
    """Lift every pause of exactly this environment (empty: of all), signed for this proven person.

    The branch goes first: while it is there, it pauses again whatever is signed. Raises Refused, Unavailable.
    """
    at.git.fetch()
    for each in [pause for pause in at.pauses() if pause.environment == environment]:
        branches.remove_branch(at.git, place_in(each.id))
        lifted = Resume(pause=each.id, person=person, at=at.clock.now())
        data = sign_statement(lifted, at.server_key, signature.VOTES).encode() + b"\n"
        pause_files.lift_pause(at.git, at.latest.signers, each.id, data, at.server_author, lifted.at)


def keep_pauses(at: HasBranch, author: Author) -> list[Pause]:
    """Keep the pauses that the ledger does not know yet; all pauses in force. Raises Unavailable, Refused."""
    standing = at.pauses()
    for each in pause_files.unnoted(at.git, at.latest.signers, standing):
        pause_files.note_pause(at.git, each, _seen(each), author)
    return standing


def pause_commits(at: HasBranch, author: Author, tip: str) -> frozenset[str]:
    """The commits that keep one of these pauses each, on that tip of the ledger: they need no signature."""
    unknown = pause_files.unnoted(at.git, at.latest.signers, at.pauses())
    return frozenset(pause_files.note_commit(at.git, tip, each, _seen(each), author) for each in unknown)


def _seen(pause: Pause) -> str:
    """The note of a program that cannot prove who paused."""
    note = PauseNote(pause=pause.id, reason=pause.reason, by=pause.by, since=pause.since)
    return json.dumps({"statement": note.model_dump(mode="json"), "signature": ""})


def keep_seen(at: HasAuthor) -> None:
    """The same by a worker at a gate: the pause holds in any case, so an error is only printed."""
    try:
        keep_pauses(at, at.author)
    except LiftgateError as error:
        print(f"the pause could not be kept in the ledger: {error}")


class PauseWatch:
    """What a server does about pauses after each fetch."""

    def __init__(self, at: WatchPorts) -> None:
        self._at = at
        self._told: frozenset[str] = frozenset()
        self._tried: dict[str, float] = {}

    def look(self) -> list[Pause]:
        """Keep new pauses and maintainers' resumes, and alert once about each deleted branch; the pauses in force."""
        at = self._at
        signers, standing = at.latest.signers, keep_pauses(at, at.server_author)
        for identity, data in pause_files.resumes_to_keep(at.git, signers):
            pause_files.lift_pause(at.git, signers, identity, data, at.server_author, at.clock.now())
        gone = [each for each in standing if each.branch_deleted]
        self._told = frozenset(each.id for each in gone if each.id in self._told or self._tell(each))
        self._tried = {each.id: self._tried[each.id] for each in gone if each.id in self._tried}
        return standing

    def _tell(self, pause: Pause) -> bool:
        """Whether people know of it. While the chat is down it is tried again at each look, for ten minutes."""
        at, now = self._at, self._at.clock.monotonic()
        if pause.id not in self._tried:
            log.warning("%s", pause.sentence)
        since = self._tried.setdefault(pause.id, now)
        said = Announcement(promotion=pause.id, title=_GONE, state=pause.sentence, url=at.address("/pause"))
        try:
            if at.chat.find(said.promotion, pause.since - _BEFORE) is None:
                at.chat.post(said)
        except LiftgateError as error:
            log.warning("the message about a pause without its branch could not be sent: %s", error)
            return now - since > TOO_LATE.total_seconds()
        return True
