"""Wait until a commit is deployed: follow the watch, poll for truth, do what the judge says, until the deadline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from liftgate.domain.judge import Judgement, Known, Patience, judge
from liftgate.domain.snapshot import Snapshot
from liftgate.errors import Misconfigured, Unavailable
from liftgate.integrations.clock import Clock
from liftgate.integrations.deployer import Deployed, Deployer, Refresh

Standing = Literal["accepted", "superseded", "unrelated"]
Classify = Callable[[str], Standing]
"""What a revision is to our commit; asked of Git once for each revision seen."""

POLL = 5.0
_PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0)


class Wait:
    """One wait for one commit in one Application. Times are seconds of the clock's `monotonic`."""

    def __init__(
        self,
        deployer: Deployer,
        clock: Clock,
        application: str,
        promotion: str,
        classify: Classify,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._deployer, self._clock, self._application = deployer, clock, application
        self._promotion, self._classify, self._tell = promotion, classify, tell
        self._patience = Patience()
        self._kind: Refresh = "normal"
        self._standing: dict[str, Standing] = {}
        self._since: dict[str, float] = {}
        self._refreshes, self._ended, self._render = 0, "", ("", 0)
        self._better = False
        self._errors = self._tries = 0
        self._detected: float | None = None
        self._started = clock.monotonic()
        self._first_sync = True

    def until(self, deadline: float, revision: str) -> Deployed:
        """Deployed, failed, superseded or timed out; raises Misconfigured when nothing here can be asked.

        `deadline` is in seconds from now; `revision` is sent with a sync where auto-sync is off.
        """
        watch = self._deployer.watch(self._application)
        try:
            return self._until(self._started + deadline, revision, watch.next)
        finally:
            watch.close()

    def _until(self, end: float, revision: str, next_event: Callable[[float], Snapshot | None]) -> Deployed:
        seen = self._refresh()
        judgement = Judgement(state="unknown", sentence="Argo CD gave no answer", action="refresh")
        while self._clock.monotonic() < end:
            if seen:
                judgement = self._judge(seen)
                self._tell(judgement.sentence)
                if outcome := self._outcome(judgement, seen):
                    return outcome
                seen = self._act(judgement, revision)
            left = max(0.0, end - self._clock.monotonic())
            seen = seen or next_event(min(self._pause(judgement), left)) or self._look(judgement)
        return self._result("timed out", f"no verdict in time: {judgement.sentence}")

    def _judge(self, seen: Snapshot) -> Judgement:
        now = self._clock.monotonic()
        for revision in {*seen.revisions, *(seen.operation.revisions if seen.operation else ())}:
            if revision not in self._standing:
                self._standing[revision] = self._classify(revision)
        known = self._known(now, seen)
        judgement = judge(seen, known, self._patience)
        for state in ("needs sync", "blocked", "degraded"):
            self._mark(state, judgement.state == state, now)
        self._mark("healthy", judgement.state in ("settling", "done") and seen.health == "Healthy", now)
        return judge(seen, self._known(now, seen), self._patience)

    def _known(self, now: float, seen: Snapshot) -> Known:
        self._follow(seen, now)
        accepted = frozenset(r for r, s in self._standing.items() if s == "accepted")
        for_ = {state: now - at for state, at in self._since.items()}
        return Known(
            accepted=accepted,
            superseded=frozenset(r for r, s in self._standing.items() if s == "superseded"),
            promotion=self._promotion,
            refreshes=self._refreshes,
            render_failures=self._render[1],
            needs_sync_for=for_.get("needs sync", 0.0),
            blocked_for=for_.get("blocked", 0.0),
            degraded_for=for_.get("degraded", 0.0),
            healthy_for=for_.get("healthy", 0.0),
            was_better=self._better,
        )

    def _follow(self, seen: Snapshot, now: float) -> None:
        """Facts that last beyond one snapshot."""
        ended = str(seen.operation.finished) if seen.operation else ""
        if ended != self._ended:
            self._ended, self._refreshes = ended, 0
        detected = any(self._standing.get(revision) == "accepted" for revision in seen.revisions)
        if detected and self._detected is None:
            self._detected = now
        current = detected and not seen.requested and seen.sync == "Synced"
        if current and seen.health in ("Healthy", "Progressing") and self._refreshes:
            self._better = True
        if seen.operation and seen.operation.retries and detected:
            self._first_sync = False

    def _mark(self, state: str, holds: bool, now: float) -> None:
        if holds:
            self._since.setdefault(state, now)
        else:
            self._since.pop(state, None)

    def _outcome(self, judgement: Judgement, seen: Snapshot) -> Deployed | None:
        if judgement.action == "done":
            return self._result("deployed", judgement.sentence, seen)
        if judgement.action == "superseded":
            return self._result("superseded", judgement.sentence, seen)
        if judgement.action == "fail":
            if judgement.state in ("operation failed", "retrying", "render failed"):
                self._first_sync = False
            return self._result("failed", judgement.sentence, seen)
        return None

    def _act(self, judgement: Judgement, revision: str) -> Snapshot | None:
        if judgement.action == "sync":
            self._since.pop("needs sync", None)
            return self._start(revision)
        if judgement.action != "refresh":
            self._tries = 0
            return None
        if judgement.state != "stale":
            self._clock.sleep(_PAUSES[min(self._tries, len(_PAUSES) - 1)] if self._tries else 0)
            self._tries += 1
        return self._refresh()

    def _start(self, revision: str) -> Snapshot | None:
        try:
            now = self._deployer.get(self._application)
            pinned = "" if now and now.auto_sync else revision
            return self._deployer.sync(self._application, revision=pinned, promotion=self._promotion)
        except Unavailable as error:
            self._tell(str(error))
            return None

    def _refresh(self) -> Snapshot | None:
        """One refresh; when it does not come back, the other kind next time: the same value again hangs again."""
        try:
            seen = self._deployer.refresh(self._application, self._kind)
        except Unavailable as error:
            self._tell(str(error))
            self._kind = "hard" if self._kind == "normal" else "normal"
            return self._get()
        self._kind = "normal"
        return self._count(self._there(seen))

    def _count(self, seen: Snapshot | None) -> Snapshot | None:
        if seen and not seen.refresh_pending:
            ended = str(seen.operation.finished) if seen.operation else ""
            self._refreshes = self._refreshes + 1 if ended == self._ended else 0
            self._ended = ended
            text = next((t for k, t in seen.conditions if k in ("ComparisonError", "InvalidSpecError")), "")
            self._render = (text, self._render[1] + 1 if text and text == self._render[0] else bool(text))
        return seen

    def _get(self) -> Snapshot | None:
        try:
            return self._there(self._deployer.get(self._application))
        except Unavailable as error:
            self._tell(str(error))
            self._clock.sleep(1.0)
            return None

    def _look(self, judgement: Judgement) -> Snapshot | None:
        """Truth, when the watch was silent; a state that only time changes is judged again as well."""
        return self._refresh() if judgement.action == "refresh" else self._get()

    def _there(self, seen: Snapshot | None) -> Snapshot | None:
        """A missing Application may be on its way (ApplicationSet), but not for ever."""
        if seen is None:
            self._errors += 1
            if self._errors > 5:
                raise Misconfigured(
                    f"Argo CD has no Application {self._application} in this project; look at "
                    "applications.*.argocd in liftgate.json and LIFTGATE_ARGOCD__PROJECT"
                )
            self._clock.sleep(1.0)
        return seen

    def _pause(self, judgement: Judgement) -> float:
        """Until the judgement could change by time alone, else until the next poll."""
        limits = {
            "settling": self._patience.stable,
            "needs sync": self._patience.auto_sync,
            "blocked": self._patience.blocked,
        }
        since = {"settling": "healthy"}.get(judgement.state, judgement.state)
        if judgement.state in limits and since in self._since:
            age = self._clock.monotonic() - self._since[since]
            return max(0.05, limits[judgement.state] - age + 0.02)
        return POLL if judgement.state not in ("settling", "pending") else 0.5

    def _result(
        self,
        state: Literal["deployed", "failed", "superseded", "timed out"],
        reason: str,
        seen: Snapshot | None = None,
    ) -> Deployed:
        now = self._clock.monotonic()
        operation = seen.operation if seen else None
        apply = None
        if operation and operation.started and operation.finished:
            apply = (operation.finished - operation.started).total_seconds()
        return Deployed(
            state=state,
            reason=reason,
            revision=seen.revisions[0] if seen and seen.revisions else "",
            detect=None if self._detected is None else self._detected - self._started,
            apply=apply,
            settle=None if "healthy" not in self._since else now - self._since["healthy"],
            total=now - self._started,
            at=self._clock.now(),
            first_sync=self._first_sync,
        )
