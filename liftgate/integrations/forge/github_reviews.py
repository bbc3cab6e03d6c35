"""The pull requests that wait, with their reviews: one list for all of them, and reviews of those that changed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from liftgate.errors import Refused
from liftgate.integrations.forge import Reviewed
from liftgate.integrations.forge.github_answers import Pull, read
from liftgate.integrations.forge.github_merged import reviews_of
from liftgate.integrations.forge.github_rest import Rest

_KEPT: Final = 300.0
"""Seconds after which reviews are read again though the pull request says that nothing changed."""
_SETTLED: Final = 3.0
"""Seconds: GitHub writes times to the second, so one change may hide behind another that was just seen."""


class Seen(NamedTuple):
    asked: float
    found: Reviewed | None
    updated: str = ""
    """The time of the pull request's last change; empty where another one may have the same time."""


class WaitingReviews:
    """`find` asks for one branch's newest pull request."""

    def __init__(self, rest: Rest, find: Callable[[str, str], Pull | None]) -> None:
        self._rest, self._find = rest, find
        self._seen: dict[str, Seen] = {}
        self._open: dict[str, tuple[float, dict[str, Pull]]] = {}

    def reviewed(self, branch: str, base: str, within: float) -> Reviewed | None:
        """Answers may be `within` seconds old; 0.0 asks now, for this branch alone."""
        kept = self._seen.get(branch)
        if kept and time.monotonic() - kept.asked < within:
            return kept.found
        pull = self._listed(base, within).get(branch) if within else None
        if pull and kept and _is_unchanged(kept, pull):
            return kept.found
        pull = pull or self._find(branch, base)
        found = Reviewed(pull=pull.as_ours, reviews=reviews_of(self._rest, pull.number)) if pull else None
        now = time.monotonic()
        fresh = {name: each for name, each in self._seen.items() if now - each.asked < _KEPT}
        self._seen = fresh | {branch: Seen(now, found, self._settled(pull) if pull else "")}
        return found

    def _listed(self, base: str, within: float) -> dict[str, Pull]:
        """The open pull requests onto the branch, by the branch they are of."""
        asked, listed = self._open.get(base, (float("-inf"), {}))
        if time.monotonic() - asked < within:
            return listed
        try:
            found = [read(Pull, each, "/pulls") for each in self._rest.pages("/pulls", state="open", base=base)]
        except Refused:  # too many: each is found by its branch
            found = []
        listed = {pull.head.ref: pull for pull in reversed(found) if pull.is_of_the_repository}
        self._open[base] = (time.monotonic(), listed)
        return listed

    def _settled(self, pull: Pull) -> str:
        try:
            changed = datetime.fromisoformat(pull.updated_at).timestamp()
        except ValueError:
            return ""
        return pull.updated_at if self._rest.now() - changed > _SETTLED else ""


def _is_unchanged(kept: Seen, pull: Pull) -> bool:
    is_same = kept.found is not None and kept.found.pull == pull.as_ours and kept.updated == pull.updated_at
    return is_same and time.monotonic() - kept.asked < _KEPT
