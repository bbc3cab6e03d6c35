"""What lasts beyond one snapshot: when things were first seen, how often, and what each revision is to our commit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from liftgate.domain.argocd.assess_sync import assess_sync
from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.argocd.sync_assessment import Hooks, Known, Patience, SyncAssessment
from liftgate.domain.argocd.transient_errors import is_passing

Standing = Literal["accepted", "superseded", "older", "unrelated"]
Classify = Callable[[str], Standing]
"""What a revision is to our commit; may raise Unavailable."""

ASK_AGAIN = 5.0
"""Seconds; a commit that our mirror does not know yet is asked for again."""
_SHA = re.compile(r"[0-9a-f]{40,64}")


class WaitState:
    """Of one wait; every `now` is in seconds that only grow."""

    def __init__(self, promotion: str, classify: Classify, now: float, patience: Patience | None = None) -> None:
        self._promotion, self._classify = promotion, classify
        self._standing: dict[str, tuple[Standing, float]] = {}
        self._seen_at: float | None = None
        self._state, self._since, self._answered = "", now, 0
        self._ended, self._refreshes, self._render_failures = "", 0, 0
        self._better = self._healthy_now = False
        self._healthy_total = 0.0
        self._refused, self._syncs = "", 0
        self._hooks: dict[tuple[object, ...], Hooks] = {}
        self._refused_since = self._refused_at = now
        self._patience = patience or Patience()
        self.detected: float | None = None
        self.healthy_since: float | None = None
        self.first_sync = True
        self.brought_since: datetime | None = None
        """When the first operation with our commit began, by the cluster's clock."""

    def assess_sync(self, seen: Snapshot | None, now: float, failing: str = "") -> SyncAssessment:
        """Raises Unavailable when Git could not say what a revision is."""
        if seen:
            self._ask(seen, now)
            self._follow(seen, now)
        assessment = assess_sync(seen, self._known(seen, now, failing), self._patience)
        if assessment.state != self._state:
            self._state, self._since, self._answered = assessment.state, now, 0
        if assessment.state in ("operation failed", "failed attempt", "retrying", "render failed"):
            self.first_sync = False
        return assessment

    def refreshed(self, seen: Snapshot | None) -> None:
        """A refresh was answered with this; one whose annotation still stands was not."""
        if seen is None or seen.refresh_pending:
            return
        self._answered += 1
        if not self._is_new_end(seen):
            self._refreshes += 1
        broken = [text for kind, text in seen.conditions if kind in ("ComparisonError", "InvalidSpecError")]
        fails = seen.sync == "Unknown" and bool(broken) and not is_passing(broken[0])
        self._render_failures = self._render_failures + 1 if fails else 0

    def unanswered(self) -> None:
        """A refresh did not come back."""
        self._answered = 0

    def looked(self, seen: Snapshot, *, due: bool) -> None:
        """Whether there are hooks of this revision that the last full sync did not run."""
        self._hooks[_compared(seen)] = "due" if due else "run"

    def taken(self) -> None:
        """We asked for an operation, and Argo CD took it."""
        self._refused, self._syncs = "", self._syncs + 1

    def refused(self, why: str, now: float) -> None:
        """We asked for an operation, and Argo CD refused."""
        self._refused_since = self._refused_since if self._refused else now
        self._refused, self._refused_at = why, now

    def _ask(self, seen: Snapshot, now: float) -> None:
        ran = seen.operation.revisions if seen.operation else ()
        for revision in {*seen.revisions, *seen.synced_revisions, *ran}:
            standing, at = self._standing.get(revision, ("unrelated", now - ASK_AGAIN))
            if standing == "unrelated" and now - at >= ASK_AGAIN and _SHA.fullmatch(revision):
                self._standing[revision] = (self._classify(revision), now)

    def _follow(self, seen: Snapshot, now: float) -> None:
        self._is_new_end(seen)
        passed = now - (self._seen_at or now)
        self._seen_at = now
        if any(self._is(revision, "accepted") for revision in seen.revisions):
            self.detected = self.detected or now
        current = bool(self.detected) and not seen.requested and seen.sync == "Synced"
        if self._healthy_now and current:
            self._healthy_total += passed
        self._healthy_now = current and seen.health == "Healthy"
        if self._healthy_now:
            self.healthy_since = self.healthy_since or now
        if seen.health == "Degraded":
            self._healthy_total = 0.0
        if current and seen.health in ("Healthy", "Progressing") and self._refreshes:
            self._better = True
        last = seen.operation
        if last and any(self._is(revision, "accepted") for revision in last.revisions):
            self.brought_since = self.brought_since or last.started
            self.first_sync = self.first_sync and not last.retries

    def _is_new_end(self, seen: Snapshot) -> bool:
        """What was counted since one operation's end means nothing for the next."""
        last = seen.operation
        ended = f"{last.started} {last.finished} {last.heals}" if last else ""
        if ended == self._ended:
            return False
        self._ended, self._healthy_total, self.healthy_since = ended, 0.0, None
        # one that was asked for before may be answered by a compare that began before: it proves nothing
        self._refreshes = -1 if seen.refresh_pending else 0
        return True

    def _is(self, revision: str, standing: Standing) -> bool:
        return revision in self._standing and self._standing[revision][0] == standing

    def _all(self, standing: Standing) -> frozenset[str]:
        return frozenset(revision for revision in self._standing if self._is(revision, standing))

    def _known(self, seen: Snapshot | None, now: float, failing: str) -> Known:
        return Known(
            accepted=self._all("accepted"),
            superseded=self._all("superseded"),
            older=self._all("older"),
            promotion=self._promotion,
            was_there=self._seen_at is not None,
            was_better=self._better,
            refreshes=self._refreshes,
            render_failures=self._render_failures,
            hooks=self._hooks.get(_compared(seen), "") if seen else "",
            syncs=self._syncs,
            refused=self._refused,
            refused_for=self._refused_at - self._refused_since if self._refused else 0.0,
            state=self._state,
            lasted=now - self._since,
            answered=self._answered,
            failing=failing,
            healthy_for=self._healthy_total,
        )


def _compared(seen: Snapshot) -> tuple[object, ...]:
    return seen.revisions, seen.synced_revisions
