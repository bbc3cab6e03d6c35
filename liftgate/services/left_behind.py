"""What an earlier start of a run left, where the run finds now that it has nothing to do."""

from __future__ import annotations

from liftgate.domain.promotion import announcement
from liftgate.domain.promotion.attempt import GatedChange
from liftgate.services import notifications, proposals
from liftgate.services.best_effort import for_people
from liftgate.services.notes import Notes
from liftgate.services.outcomes import Ports


def take_away(at: Ports, promotion: GatedChange) -> None:
    """The preview's branch, the pull request, and the question in its message. Safe to repeat; a failure is printed."""
    for_people("the branch of the preview is left behind", lambda: proposals.withdraw(at, promotion))
    for_people("what people were shown still stands", lambda: _end(at, promotion))


def _end(at: Ports, promotion: GatedChange) -> None:
    if not Notes(at.runs, promotion.id).was_shown():
        return
    proposals.close(at, promotion, promotion.unchanged)
    notifications.tell(at, promotion, announcement.unchanged(promotion, at.page(promotion.id)))
