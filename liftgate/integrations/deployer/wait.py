"""Wait until a commit is deployed: follow the watch, poll for truth, act as the assessment says, until the deadline."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import Literal

from liftgate.domain.argocd.snapshot import Snapshot
from liftgate.domain.argocd.sync_assessment import POLL, Patience, SyncAssessment
from liftgate.errors import LiftgateError, Misconfigured, Refused, Unavailable
from liftgate.integrations.clock import Clock
from liftgate.integrations.deployer import Deployed, Deployer, Refresh, Watch
from liftgate.integrations.deployer.pods import Pods
from liftgate.integrations.deployer.wait_state import Classify, WaitState

_PAUSES = (0.0, 0.1, 0.3, 1.0, 2.0, 4.0)
"""Seconds before a refresh, by how many in a row came before it."""
_AFTER_ASKING = 2.0
_AFTER_AN_ERROR = 1.0
_FOLLOWED = ("running", "progressing")
"""States that pods can be the reason of."""
_ILL = ("degraded", "operation failed", "retrying")
_ENDS: dict[str, Literal["deployed", "superseded", "failed"]] = {
    "done": "deployed", "superseded": "superseded", "fail": "failed",
}  # fmt: skip


class Wait:
    """One wait for one commit in one Application. Times are seconds of the clock's `monotonic`."""

    def __init__(
        self,
        deployer: Deployer,
        clock: Clock,
        application: str,
        promotion: str,
        classify: Classify,
        patience: Patience | None = None,
    ) -> None:
        patience = patience or Patience()
        self._deployer, self._clock, self._application = deployer, clock, application
        self._promotion = promotion
        self._tell: Callable[[str], None] = lambda _: None
        self._started = self._end = clock.monotonic()
        self._memory = WaitState(promotion, classify, self._started, patience)
        self._pods = Pods(deployer, application, patience.pods)
        self._kind: Refresh = "normal"
        self._access = patience.access
        self._denied: float | None = None
        self._tries = self._version = 0
        self._is_gone = False

    def until(self, deadline: float, tell: Callable[[str], None] | None = None) -> Deployed:
        """Deployed, failed, superseded or timed out, in so many seconds from the wait's making; raises
        Misconfigured when the token, or the address, has been of no use for a minute.
        """
        self._end, self._tell = self._started + deadline, tell or self._tell
        watch = self._deployer.watch(self._application)
        try:
            return self._until(watch)
        finally:
            watch.close()

    def _until(self, watch: Watch) -> Deployed:
        assessment = SyncAssessment(state="unknown", sentence="Argo CD gave no answer", action="refresh")
        while self._left > 0:
            try:
                seen = self._look(assessment, watch)
                assessment = self._judge(seen)
                self._tell(assessment.sentence)
                if assessment.action in _ENDS:
                    return self._ended(assessment, seen)
                self._act(assessment, seen)
                self._denied = None
            except LiftgateError as error:
                self._tell(str(error))
                self._give_up(error)
                self._clock.sleep(min(_AFTER_AN_ERROR, max(0.0, self._left)))
        return self._result("timed out", self._with_reason(f"no verdict in time: {assessment.sentence}"))

    def _give_up(self, error: LiftgateError) -> None:
        """Raises what has been wrong with the token, or the address, for too long."""
        now = self._clock.monotonic()
        if not isinstance(error, Misconfigured):
            self._denied = None
        elif self._denied is None:
            self._denied = now
        elif now - self._denied >= self._access:
            raise error

    def _ended(self, assessment: SyncAssessment, seen: Snapshot | None) -> Deployed:
        """An operation that waits for failing pods would hold up the way back; what died before it ended it there
        is ended by the rollback's own wait."""
        said = assessment.sentence
        if assessment.state in _ILL:
            said = self._with_reason(said)
        if assessment.state == "pods failing" and seen and seen.requested:
            with suppress(LiftgateError):
                self._deployer.terminate(self._application)
        return self._result(_ENDS[assessment.action], said, seen)

    def _with_reason(self, said: str) -> str:
        """What Argo CD says of a rollout is only that it does not go on; the pods say why."""
        why = self._pods.now()
        return f"{said}: {why}" if why else said

    def _judge(self, seen: Snapshot | None) -> SyncAssessment:
        self._version, self._is_gone = seen.version if seen else 0, seen is None
        assessment = self._memory.assess_sync(seen, self._clock.monotonic())
        if assessment.action == "look" and seen:
            self._memory.looked(seen, due=self._deployer.are_hooks_due(self._application, seen))
            assessment = self._memory.assess_sync(seen, self._clock.monotonic())
        if assessment.state in _FOLLOWED and seen:
            return self._with_pods(seen)
        if assessment.action == "done" and seen and seen.children:
            return self._memory.assess_sync(self._with_children(seen), self._clock.monotonic())
        return assessment

    def _with_pods(self, seen: Snapshot) -> SyncAssessment:
        now, under_way = self._clock.monotonic(), seen.requested is not None
        failing = self._pods.failing(now, self._memory.brought_since, under_way=under_way)
        return self._memory.assess_sync(seen, now, failing)

    def _with_children(self, seen: Snapshot) -> Snapshot:
        """Argo CD calls an app of apps Healthy as soon as its Applications are made; they are asked for here."""
        healths = {
            name: _health(self._deployer.refresh(name, "normal", within=self._clip(inf))) for name in seen.children
        }
        ill = tuple(f"Application/{name}" for name, health in healths.items() if health == "Degraded")
        worst = min(healths.values(), key=("Degraded", "Progressing", "Suspended", "Healthy").index)
        return seen.copy_with(health=worst, degraded=ill)

    @property
    def _left(self) -> float:
        return self._end - self._clock.monotonic()

    def _look(self, assessment: SyncAssessment, watch: Watch) -> Snapshot | None:
        """What the watch says meanwhile, else the truth; a state that only time changes is judged again as well."""
        if assessment.action != "refresh":
            self._tries = 0
            pause = _AFTER_ASKING if assessment.state == "refused" else min(POLL, assessment.again_in)
            return self._event(watch, self._clip(pause)) or self._get()
        pause = _PAUSES[min(self._tries, len(_PAUSES) - 1)] if assessment.state != "stale" else 0.0
        self._tries += 1
        return (self._event(watch, self._clip(pause)) if pause else None) or self._refresh()

    def _event(self, watch: Watch, within: float) -> Snapshot | None:
        """One that is newer than what was judged last; of an Application that is gone it only wakes, for it may be
        of before."""
        end = self._clock.monotonic() + within
        while (left := end - self._clock.monotonic()) > 0:
            event = watch.next(left)
            if event is None or self._is_gone:
                return None
            if event.version > self._version or not event.version:
                return event
        return None

    def _clip(self, seconds: float) -> float:
        return max(0.05, min(seconds, self._left))

    def _get(self) -> Snapshot | None:
        return self._deployer.get(self._application, within=self._clip(inf))

    def _refresh(self) -> Snapshot | None:
        """One refresh; when it does not come back, the other kind next time: the same value again hangs again."""
        try:
            seen = self._deployer.refresh(self._application, self._kind, within=self._clip(inf))
        except Unavailable as error:
            self._tell(str(error))
            self._memory.unanswered()
            self._kind = "hard" if self._kind == "normal" else "normal"
            return self._get()
        self._kind = "normal"
        self._memory.refreshed(seen)
        return seen

    def _act(self, assessment: SyncAssessment, seen: Snapshot | None) -> None:
        if assessment.action == "sync" and seen:
            try:
                if self._deployer.sync(self._application, seen, promotion=self._promotion):
                    self._memory.taken()
            except Refused as error:
                self._memory.refused(str(error), self._clock.monotonic())
        if assessment.action == "terminate":
            self._deployer.terminate(self._application)

    def _result(
        self, state: Literal["deployed", "failed", "superseded", "timed out"], reason: str, seen: Snapshot | None = None
    ) -> Deployed:
        now, memory = self._clock.monotonic(), self._memory
        operation = seen.operation if seen else None
        apply = None
        if operation and operation.started and operation.finished:
            apply = (operation.finished - operation.started).total_seconds()
        return Deployed(
            state=state,
            reason=reason,
            revision=seen.revisions[0] if seen and seen.revisions else "",
            detect=None if memory.detected is None else memory.detected - self._started,
            apply=apply,
            settle=None if memory.healthy_since is None else now - memory.healthy_since,
            total=now - self._started,
            at=self._clock.now(),
            first_sync=memory.first_sync,
        )


def _health(child: Snapshot | None) -> str:
    """Of an Application in an app of apps; its revisions may be of another repository."""
    if child is None or child.requested or child.sync != "Synced":
        return "Progressing"
    return child.health if child.health in ("Degraded", "Suspended", "Healthy") else "Progressing"
