"""What a rollback leaves in Git: the branch without one promotion's commit, or the values as they were verified."""

from __future__ import annotations

from liftgate.domain.promotion import Promotion
from liftgate.services import restore as restoring
from liftgate.wiring import Integrations


def tree_back(at: Integrations, head: str, rollback: Promotion) -> str:
    """The tree to commit on the head. One promotion is taken out and what others added stays; where later changes
    overlap, and to go back to a chosen promotion, the environment's file is as it was verified, byte for byte."""
    if rollback.undo:
        # Another rollback may have in the meantime: a chosen one may have gone back further.
        if restoring.taker(at.git, rollback.undo, head, rollback.path, rollback.reverts):
            return at.git.object_id(head, "")
        if merged := _without(at, head, rollback.undo):
            return merged
    data = restoring.as_verified(at.tree(head), rollback.application, rollback.environment, rollback.good)
    return at.git.tree_with(head, {rollback.path: data})


def values_back(at: Integrations, head: str, rollback: Promotion) -> bytes | None:
    """The environment's file in that tree; None where it goes."""
    file = at.git.file(tree_back(at, head, rollback), rollback.path)
    return file.data if file else None


def overlaps(at: Integrations, head: str, rollback: Promotion) -> bool:
    """Whether later changes overlap with the promotion that is taken back."""
    return not _without(at, head, rollback.undo)


def _without(at: Integrations, head: str, bad: str) -> str | None:
    """None when later changes overlap with the bad one."""
    before = at.git.object_id(at.git.resolve(f"{bad}^1"), "")
    return at.git.merged_tree(head, at.git.commit_tree(before, [bad], "undone", at.clock.now(), at.author, None))
