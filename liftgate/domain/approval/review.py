"""Reviews of a pull request, and which of them count for exactly one commit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from liftgate.domain.approval.vote import Decision
from liftgate.domain.common.value import Value

State = Literal["approved", "changes requested", "dismissed", "other"]
DECISIONS: Final[dict[State, Decision]] = {"approved": "approve", "changes requested": "reject"}


class Review(Value):
    login: str
    """The reviewer's name at the forge."""
    state: State
    commit: str
    """SHA of the reviewed commit."""
    text: str = ""


def counted(reviews: Sequence[Review], *, head: str, author: str) -> tuple[Review, ...]:
    """Each reviewer's newest decision, if it is about this head; `reviews` are oldest first.

    A comment does not withdraw a review, a dismissal does. An author's review of their own pull request never counts.
    """
    words = [each for each in _newest(reviews).values() if each.login.lower() != author.lower()]
    return tuple(each for each in words if each.commit == head and each.state in DECISIONS)


def withdrawn(reviews: Sequence[Review]) -> frozenset[str]:
    """Logins, in lower case, whose newest decision on any commit is not an approval."""
    return frozenset(login for login, newest in _newest(reviews).items() if newest.state != "approved")


def _newest(reviews: Sequence[Review]) -> dict[str, Review]:
    return {review.login.lower(): review for review in reviews if review.state != "other"}
