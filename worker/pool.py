"""Liftgate's own type of worker, on Prefect's public BaseWorker: it runs only flows of its own installation."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx
from anyio.abc import TaskStatus
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.settings.context import get_current_settings
from prefect.states import Cancelled, Crashed, Failed, Pending
from prefect.types import KeyValueLabels
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from liftgate.domain.promotion.liveness import Holder
from liftgate.domain.runs import programs
from liftgate.errors import Refused
from liftgate.integrations.runs import Runs
from liftgate.integrations.runs.prefect import Prefect
from liftgate.services.notes import Notes as RunNotes
from worker import reports, tidying
from worker.alive import Alive
from worker.dead_runs import Notes, Orphans, is_same_start
from worker.due_runs import DueRuns, may_have_had_worker
from worker.launcher import Launcher, Process
from worker.reports import Report
from worker.skipped_requests import spare_certificates
from worker.slots import Slots
from worker.wake import Wake

CANCELLED = "its process was ended"
IsRight = Callable[[FlowRun], bool]


class LiftgateWorker(BaseWorker[BaseJobConfiguration, BaseVariables, BaseWorkerResult]):
    """Prefect's base connects, registers, polls and sends heartbeats. What runs, and how, is decided here.

    So it never builds a job from the work pool's template: neither job variables nor blocks are resolved.
    """

    type = programs.POOL_TYPE

    def __init__(
        self,
        launcher: Launcher,
        flows: Mapping[str, str],
        runs: Runs,
        notes: Notes,
        tasks: asyncio.TaskGroup,
        limit: int,
        **named: Any,
    ) -> None:
        """`limit` is the number of runs at once; the base's own limit counts only runs that the base starts."""
        super().__init__(**named)
        self.pool: str = named["work_pool_name"]
        self._launcher, self._flows, self._runs = launcher, flows, runs
        self._notes, self._tasks = notes, tasks
        self._due_runs = DueRuns(self.pool, timedelta(seconds=named["prefetch_seconds"]))
        self._slots = Slots(limit)
        self.freed = asyncio.Event()
        """Set when a run has ended for whose place others may wait."""
        self._is_full = False
        """Whether at the last look others may have found no place."""
        self._looking = asyncio.Lock()
        self._starting: dict[UUID, FlowRun] = {}
        self._processes: dict[Process, UUID] = {}
        self._is_away = False
        """Whether Prefect did not answer the last look."""

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        return dict(programs.TEMPLATE)

    @property
    def has_runs(self) -> bool:
        return self._slots.free < self._slots.limit

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """For the base's loop, which would end the worker, and so all its runs, when Prefect is away for long."""
        try:
            return await self.look()
        except httpx.HTTPError as error:
            if not self._is_away:
                print(f"Prefect does not answer: {error!r}", flush=True)
            self._is_away = True
            return []

    async def look(self) -> list[FlowRun]:
        """The runs that are due. One look at a time: otherwise an old answer could start the same runs again."""
        async with self._looking:
            if not self.is_setup:
                return []
            await self._end_cancelled()
            self._is_full = self._slots.is_for_rollbacks
            if not self._slots.free:
                return []
            due = await self._due_runs.read(self.client, only_rollbacks=self._is_full)
            self._is_away = False
            for run in due.runs:
                if run.id not in self._starting:
                    self._start(run, is_rollback=run.id in due.rollbacks)
            return list(due.runs)

    def _start(self, run: FlowRun, *, is_rollback: bool) -> None:
        """If there is no place for it, it stays with Prefect, and another worker may take it."""
        if not self._slots.take(is_rollback=is_rollback):
            self._is_full = True
            return
        self._starting[run.id] = run
        handled = self._tasks.create_task(self._handle(run))
        handled.add_done_callback(lambda _: self._free(is_rollback=is_rollback))

    def _free(self, *, is_rollback: bool) -> None:
        self._slots.leave(is_rollback=is_rollback)
        if self._is_full:
            self.freed.set()

    async def _end_cancelled(self) -> None:
        if not self._processes:
            return
        wanted = FlowRunFilter(
            id=FlowRunFilterId(any_=list(self._processes.values())),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.CANCELLING])),
        )
        cancelled = {run.id for run in await self.client.read_flow_runs(flow_run_filter=wanted)}
        for process, run in self._processes.items():
            if run in cancelled:
                process.kill()

    async def _handle(self, run: FlowRun) -> None:
        """Claim the run, run its flow, and report an end that its process did not report."""
        log = self.get_flow_run_logger(run)
        try:
            if ours := await self._claim(run):
                ended = await self._run(run, ours)
                await self._report_end(run, ended.status_code)
        except Refused as why:
            await self._report(run, Failed(name=Refused.__name__, message=str(why)))
        except Exception as error:
            log.exception("the worker could not run it")
            await self._report(run, Crashed(message=f"the worker could not run it: {error}"))
        finally:
            self._forget_start(run)
            self._notes.left(str(run.id), run.run_count)

    async def _claim(self, run: FlowRun) -> State[Any] | None:
        """The state in which this worker has the run. Noted on this host before the request to Prefect: if the host
        died in between, the run would stay pending forever."""
        name, count, resumes = str(run.id), run.run_count, _resumes(run)
        self._notes.claimed(name, count, resumes=resumes)
        ours = await self._report(run, Pending(message=f"taken by {self.name}"), _is_due)
        if ours:
            self._notes.got(name, count, resumes=resumes)
        return ours

    async def run(
        self, flow_run: FlowRun, configuration: BaseJobConfiguration, task_status: TaskStatus[int] | None = None
    ) -> BaseWorkerResult:
        """Of the base; here every run is started with the state in which the worker got it."""
        raise NotImplementedError

    async def _run(self, run: FlowRun, ours: State[Any]) -> BaseWorkerResult:
        """Run the flow until it ends. Raises Refused."""
        flow, _ = await asyncio.gather(self._flow_of(run), self._name_worker(run, ours))
        self.get_flow_run_logger(run).info(f"Worker {self.name} starts the flow {flow}.")
        process = await self._launcher.launch(flow, str(run.id), str(ours.id))
        self._notes.begun(str(run.id), process.pid)
        self._processes[process] = run.id
        self._forget_start(run)
        self._tasks.create_task(self._describe(run, process.pid))
        try:
            code = await process.wait()
        finally:
            del self._processes[process]
        return BaseWorkerResult(identifier=str(process.pid), status_code=code)

    async def _name_worker(self, run: FlowRun, ours: State[Any]) -> None:
        """Before the process starts: without the name, the run of a worker that is gone is found only much later."""
        holder, notes = Holder(worker=self.name, since=ours.timestamp), RunNotes(self._runs, str(run.id))
        await asyncio.to_thread(notes.keep_holder, holder, has_begun=may_have_had_worker(run))

    def _forget_start(self, run: FlowRun) -> None:
        """From now on a later start of the same run may be taken, such as after a gate."""
        if self._starting.get(run.id) is run:
            del self._starting[run.id]

    async def _flow_of(self, run: FlowRun) -> str:
        """The name of the flow, if the run asks only for a flow of this installation. Raises Refused."""
        if not run.deployment_id:
            raise Refused("the run has no deployment: start the flows of this installation")
        try:
            flow, found, pool = await asyncio.gather(
                self._due_runs.flow_of(self.client, run),
                self.client.read_deployment(run.deployment_id),
                self.client.read_work_pool(self.pool),
            )
        except ObjectNotFound as error:
            raise Refused("its deployment or its work pool was deleted; run liftgate deploy") from error
        asked, deployment = run.model_dump(mode="json"), found.model_dump(mode="json")
        why = programs.flow_refusal(asked, flow, deployment, self.pool, self._flows)
        if not why:
            entrypoint = self._flows[flow]
            why = programs.refusal_of(programs.demands(asked, deployment, pool.base_job_template, entrypoint))
        if why:
            raise Refused(why)
        return flow

    async def _describe(self, run: FlowRun, process: int) -> None:
        """For Prefect's pages. It refuses to wait for the end of a cancelled run that has no process."""
        labels: KeyValueLabels = {
            "prefect.worker.name": self.name,
            "prefect.worker.type": self.type,
            "prefect.work-pool.name": self.pool,
        }
        try:
            await self.client.update_flow_run(run.id, infrastructure_pid=str(process))
            await self.client.update_flow_run_labels(run.id, labels)
        except Exception:  # noqa: BLE001 - an error here must not end the worker, and so all its runs
            self.get_flow_run_logger(run).exception("Prefect's pages do not know the process")

    async def _report_end(self, run: FlowRun, code: int) -> None:
        """The flow reports its own end, unless it was killed."""
        try:
            now = await reports.repeated(lambda: self.client.read_flow_run(run.id))
        except ObjectNotFound:
            return
        if now.state is None or not _is_this_start(run, now):
            return
        if now.state.is_cancelling():
            await self._report(run, Cancelled(message=CANCELLED))
        elif code:
            await self._report(run, Crashed(message=f"its process ended with the exit code {code}"))

    async def _report(self, run: FlowRun, state: State[Any], is_right: IsRight | None = None) -> State[Any] | None:
        """The state as Prefect accepted it; by default it is one for this start of the run."""
        log = self.get_flow_run_logger(run)
        try:
            return await reports.tell(self.client, Report(run.id, state, is_right or partial(_is_this_start, run)))
        except (Abort, Pause) as refused:
            log.info("Prefect refused the state %s: %s", state.name, refused)
        except Exception:  # an error here must not end the worker; the thread of dead_runs.py reports the end later
            log.exception("the state %s could not be reported", state.name)
        return None


def _is_this_start(run: FlowRun, now: FlowRun) -> bool:
    """`run` is as it was when this worker took it."""
    start = now.state and (now.state.type.value, now.run_count, run.run_count)
    return start is not None and is_same_start(*start, resumes=_resumes(run))


def _resumes(run: FlowRun) -> bool:
    """Whether it goes on after its gate."""
    return bool(run.empirical_policy.resuming)


def _is_due(now: FlowRun) -> bool:
    return now.state is not None and now.state.is_scheduled()


async def serve(launcher: Launcher, flows: Mapping[str, str], *, pool: str, name: str, limit: int) -> None:
    """Work until SIGTERM or SIGINT, on at most `limit` runs at once."""
    spare_certificates()
    notes = Notes(get_current_settings().home / "runs" / pool)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings, api = get_current_settings().worker, get_current_settings().api
    secret = api.auth_string.get_secret_value() if api.auth_string else ""
    runs, beats = Prefect(str(api.url), secret, pool), Prefect(str(api.url), secret, pool)
    beats.gaps = ()
    Orphans(runs, notes).start()
    Alive(beats, name).start()
    async with asyncio.TaskGroup() as tasks:  # when one fails, all end: a worker that stops must start no run
        worker = LiftgateWorker(
            launcher,
            flows,
            runs,
            notes,
            tasks,
            limit,
            work_pool_name=pool,
            name=name,
            prefetch_seconds=settings.prefetch_seconds,
            heartbeat_interval_seconds=int(settings.heartbeat_seconds),
        )
        wake = tasks.create_task(Wake(pool, worker.look, worker.freed).forever())
        tidy = tasks.create_task(tidying.forever(lambda: worker.has_runs))
        tasks.create_task(worker.start()).add_done_callback(lambda _: (wake.cancel(), tidy.cancel()))
