"""What Prefect says is due in the work pool, in the order in which a worker with few free places takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateName,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound

from liftgate.domain.runs import capacity
from liftgate.integrations.clock import Clock, SystemClock
from worker.prefect_time import PrefectTime
from worker.slots import in_order

BEGUN: Final = ("AwaitingRetry", "Resuming")
"""States of a run that is due and began before: recovery starts it again, or its gate is open."""


def may_have_had_worker(run: FlowRun) -> bool:
    """Whether a worker may have had it before: it began, or recovery took it from one before its process began."""
    return run.run_count > 0 or run.state_name in BEGUN


class Due(NamedTuple):
    """Runs in the order in which they get a place."""

    runs: tuple[FlowRun, ...]
    rollbacks: frozenset[UUID]
    """Ids of those that are rollbacks."""


class DueRuns:
    """The runs of a work pool that are due."""

    def __init__(self, pool: str, ahead: timedelta, clock: Clock | None = None) -> None:
        """Runs count as due a time `ahead` of their schedule."""
        self._pool, self._ahead = pool, ahead
        self._time = PrefectTime(clock or SystemClock())
        self._flows: dict[UUID, str] = {}
        """Names by id, of the flows that had a run here."""

    async def read(self, client: PrefectClient, *, only_rollbacks: bool) -> Due:
        """No more runs than Prefect offers: it counts its limits of the pool and of its queues."""
        before = await self._time.now(client) + self._ahead
        queues = [capacity.QUEUE] if only_rollbacks else None
        try:
            found = await client.get_scheduled_flow_runs_for_work_pool(self._pool, queues, before)
        except ObjectNotFound:  # Prefect's base creates the pool, and liftgate deploy the queue
            return Due((), frozenset())
        offered = [each.flow_run for each in found]
        are_new = not only_rollbacks and any(not run.run_count for run in offered)
        begun = await self._begun(client, before) if are_new else []
        runs = {run.id: run for run in (*offered, *begun)}
        rollbacks = frozenset([run.id for run in runs.values() if await self.flow_of(client, run) == capacity.FLOW])
        ordered = in_order(runs.values(), rollbacks, {run.id for run in begun})
        return Due(tuple(ordered[: len(offered)]), rollbacks)

    async def _begun(self, client: PrefectClient, before: datetime) -> list[FlowRun]:
        """Prefect offers runs by the time of their schedule, and not all of a long queue: those that began before can
        be behind the others."""
        wanted = FlowRunFilter(
            state=FlowRunFilterState(name=FlowRunFilterStateName(any_=list(BEGUN))),
            next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=before),
        )
        return await client.read_flow_runs(
            flow_run_filter=wanted,
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[self._pool])),
            sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
        )

    async def flow_of(self, client: PrefectClient, run: FlowRun) -> str:
        """The name of its flow; empty if the flow was deleted."""
        if run.flow_id not in self._flows:
            try:
                self._flows[run.flow_id] = (await client.read_flow(run.flow_id)).name
            except ObjectNotFound:  # the worker refuses the run
                return ""
        return self._flows[run.flow_id]
