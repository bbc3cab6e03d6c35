"""What people say of a pull request, and which of it counts for exactly one commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from liftgate.domain.value import Value
from liftgate.domain.vote import Decision

State = Literal["approved", "changes requested", "dismissed", "other"]
DECISIONS: Final[dict[State, Decision]] = {"approved": "approve", "changes requested": "refuse"}


class Review(Value):
    login: str
    """The reviewer's name at the forge."""
    state: State
    commit: str
    """SHA that was looked at."""
    text: str = ""


def counted(reviews: Sequence[Review], *, head: str, author: str) -> tuple[Review, ...]:
    """Of each reviewer the newest word that is one, where it is of this head; `reviews` are oldest first.

    A comment takes nothing back, a dismissal does, and nobody reviews a pull request of their own.
    """
    words = [each for each in _newest(reviews).values() if each.login.lower() != author.lower()]
    return tuple(each for each in words if each.commit == head and each.state in DECISIONS)


def withdrawn(reviews: Sequence[Review]) -> frozenset[str]:
    """Logins, in small letters, whose newest word is no approval, of whatever commit."""
    return frozenset(login for login, newest in _newest(reviews).items() if newest.state != "approved")


def _newest(reviews: Sequence[Review]) -> dict[str, Review]:
    return {review.login.lower(): review for review in reviews if review.state != "other"}
