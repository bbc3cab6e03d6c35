"""How long the pods of what was deployed last have failed; looked at now and then, while they are not healthy."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from liftgate.domain.argocd.pods import Pod
from liftgate.errors import LiftgateError
from liftgate.integrations.deployer import Deployer

AFTER: Final = 3.0
"""Seconds; most rollouts are over before, and cost no look."""
EVERY: Final = 4.0


class Pods:
    """Of one wait; every `now` is in seconds that only grow."""

    def __init__(self, deployer: Deployer, application: str, limit: float) -> None:
        self._deployer, self._application, self._limit = deployer, application, limit
        self._due: float | None = None
        self._failing: dict[str, float] = {}
        """Since when each one fails, by its uid."""
        self._ready: dict[str, float] = {}
        self._said = ""

    def failing(self, now: float, since: datetime | None, *, under_way: bool) -> str:
        """Which pod has failed for longer than the limit, and why; empty while none has.

        `since` is when the first operation with our commit began. While one is under way only pods made after that
        count: the newest ones may still be of the commit before. A tree that cannot be read says nothing.
        """
        self._due = now + AFTER if self._due is None else self._due
        if now >= self._due:
            self._due = now + EVERY
            self._said = self._look(now, since, under_way=under_way)
        return self._said

    def now(self) -> str:
        """What fails at this moment, for however long."""
        return next((_sentence(pod) for pod in self._read() if pod.failure), "")

    def _look(self, now: float, since: datetime | None, *, under_way: bool) -> str:
        pods = [pod for pod in self._read() if not (under_way or pod.of_job) or _is_made_since(pod, since)]
        late = [pod for pod in pods if self._follow(pod, now) >= self._limit]
        return f"{_sentence(late[0])}, for more than {self._limit:g} s" if late else ""

    def _follow(self, pod: Pod, now: float) -> float:
        """Seconds it has failed for. A crash loop is ready for moments: only one that stays ready has recovered."""
        if not pod.is_ready:
            self._ready.pop(pod.uid, None)
        elif now - self._ready.setdefault(pod.uid, now) >= self._limit:
            self._failing.pop(pod.uid, None)
        return now - self._failing.setdefault(pod.uid, now) if pod.failure else 0.0

    def _read(self) -> tuple[Pod, ...]:
        try:
            return self._deployer.pods(self._application)
        except LiftgateError:
            return ()


def _is_made_since(pod: Pod, since: datetime | None) -> bool:
    return pod.created is not None and since is not None and pod.created >= since


def _sentence(pod: Pod) -> str:
    return f"pod {pod.name} does not run: {pod.failure}"
