"""What the ledger says of one application in one environment: the same few facts, however long its past is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from liftgate.domain.common.value import Value
from liftgate.domain.ledger import ledger
from liftgate.domain.ledger.ledger import Entry

NEWEST: Final = 200
"""Entries that a summary knows one by one."""


class Summary(Value):
    newest: Entry | None = None
    """The newest outcome."""
    past_gates: Entry | None = None
    """The newest promotion or update, if it is a person's own change past gates that were not open."""
    has_verified: bool = False
    """Whether a verified promotion stands there: the environments after it can be promoted to."""
    releases: Mapping[str, bool] = {}
    """Whether each release of the newest entries is verified there."""
    is_whole: bool = True
    """Whether the newest entries are all."""
    choices: tuple[str, ...] = ()
    """Those of the newest that a person can go back to."""

    def is_verified(self, release: str) -> bool | None:
        """None where only all entries can tell."""
        return self.releases.get(release, False if self.is_whole else None)


def summary_of(entries: Sequence[Entry]) -> Summary:
    """`entries` are all of one application in one environment, oldest first."""
    newest, stand = entries[-NEWEST:], ledger.restorable(entries)
    promoted = next((entry for entry in reversed(entries) if entry.kind != "rollback"), None)
    verified, known = ledger.verified_releases(entries), {entry.promotion for entry in newest}
    return Summary(
        newest=newest[-1] if newest else None,
        past_gates=promoted if promoted and promoted.by_hand and promoted.bypassed else None,
        has_verified=bool(stand),
        releases={entry.release: entry.release in verified for entry in newest},
        is_whole=len(newest) == len(entries),
        choices=tuple(entry.promotion for entry in stand[:-1] if entry.promotion in known),
    )
