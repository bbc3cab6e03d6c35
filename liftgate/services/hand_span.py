"""What came to an environment with a person's own commit: it, and the commits by hand before it that nothing verified.

One run takes all of them over, so each of them must have had open gates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from liftgate.domain.promotion.take_over import HandMade
from liftgate.integrations.forge import MergedPull
from liftgate.integrations.git.authorship import contains
from liftgate.integrations.git.config_snapshot import ConfigSnapshot
from liftgate.integrations.git.history import Change, history
from liftgate.services.merge_base import named_entries
from liftgate.services.ports import HasBranch
from liftgate.services.rollback_target import last_good

MOST_LOOKED_AT: Final = 50
"""The forge is asked about so many commits of one change."""


@dataclass(frozen=True)
class Brought:
    """What came to the branch at once: the commits of one pull request (a rebase has several), or one push."""

    newest: Change
    oldest: Change
    merged: MergedPull | None


def commits_with(at: HasBranch, tree: ConfigSnapshot, hand: HandMade, change: Change) -> list[Change]:
    """Newest first, `change` is the first of them; one more than are looked at if there are more. Without verified
    values before it only the commit itself."""
    good = last_good(at.git, change.parents[0], named_entries(at, tree, hand.application, hand.environment))
    if not good:
        return [change]
    before = history(at.git, change.parents[0], paths=tree.pathspecs(hand.application, hand.environment))
    is_new = takewhile(lambda each: not each.promotion and not contains(at.git, good, each.sha), before)
    return [change, *(each for _, each in zip(range(MOST_LOOKED_AT), is_new, strict=False))]


def together(commits: Sequence[tuple[Change, MergedPull | None]]) -> list[Brought]:
    """Commits one after the other that the same pull request brought are one."""
    found: list[Brought] = []
    for change, merged in commits:
        last = found[-1] if found else None
        if last and merged and last.merged and last.merged.pull.number == merged.pull.number:
            found[-1] = Brought(newest=last.newest, oldest=change, merged=last.merged)
        else:
            found.append(Brought(newest=change, oldest=change, merged=merged))
    return found
