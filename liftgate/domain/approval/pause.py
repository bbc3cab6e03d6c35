"""A pause: a person stops promotions, to one environment or to all, until a signed statement lifts it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from liftgate.domain.approval.statement import Statement
from liftgate.domain.common.plain import one_line
from liftgate.domain.common.value import Value
from liftgate.domain.secrets.masking import masked

RESUMES: Final = "Resumes-Pause"
"""The trailer of a maintainer's signed commit: the id of the pause that it lifts."""
ALL: Final = ("pause-all", "stop-all")
ONE: Final = ("pause/", "stop/")
"""Where a pause stands: the branch's name without `liftgate/`. The second form of each is older, and still read."""
_ID: Final = re.compile(r"(?P<place>(?:pause-all|stop-all|(?:pause|stop)/[^/]+))/(?P<commit>[0-9a-f]{40,64})-\d{1,4}")


class Pause(Value):
    id: str = ""
    """`PLACE/COMMIT-NUMBER`: a commit can pause again after it was lifted."""
    environment: str = ""
    """Empty: all environments."""
    reason: str
    by: str
    """The person the commit names; the existing branch shows that this person may push."""
    since: datetime
    is_proven: bool = False
    """Whether the Liftgate server proved who paused."""
    branch_deleted: bool = False
    """Its branch was deleted, and no signed statement lifts it: it stays in force."""

    @property
    def sentence(self) -> str:
        where = f"to {self.environment} " if self.environment else ""
        when = f"{self.since.astimezone(UTC):%a %d %b %H:%M UTC}"
        said = f"promotions {where}are paused by {self.by} since {when}: {self.reason}"
        if not self.branch_deleted:
            return said
        return f"{said} (its branch was deleted without a signed statement, so the pause stays in force)"


class PauseNote(Statement):
    """That a pause was seen, so that a deleted branch lifts nothing. Signed where the server proved who paused."""

    pause: str
    reason: str
    by: str
    since: datetime

    @property
    def signed_at(self) -> datetime:
        return self.since


class Resume(Statement):
    """That a person whom the Liftgate server proved lifts the pause."""

    pause: str
    person: str
    at: datetime

    @property
    def signed_at(self) -> datetime:
        return self.at


def place_of(environment: str) -> str:
    """Where a new pause of the environment stands."""
    return f"{ONE[0]}{environment}" if environment else ALL[0]


def environment_of(place: str) -> str:
    """The environment that a pause at this place holds; empty: all."""
    return next((place.removeprefix(start) for start in ONE if place.startswith(start)), "")


def place_in(pause: str) -> str:
    """The place in a pause's id; empty for a text that is none."""
    found = _ID.fullmatch(pause)
    return found["place"] if found else ""


def pause_message(reason: str) -> str:
    """One line: what follows it is no part of the reason."""
    return f"{masked(one_line(reason))[:200] or 'no reason given'}\n"


def holding(pauses: Iterable[Pause], environment: str) -> Pause | None:
    """The pause that holds promotions to the environment. Rollbacks are never paused."""
    return next((pause for pause in pauses if pause.environment in ("", environment)), None)
