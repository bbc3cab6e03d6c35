"""Prefect's process worker, with warm starts and a wake of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from anyio.abc import TaskStatus
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.runner import _starter_engine
from prefect.settings.context import get_current_settings
from prefect.utilities.processutils import run_process
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from deployments.worker.launcher import NotWarm, WarmProcess, Zygote
from deployments.worker.orphans import Notes, Orphans
from deployments.worker.sources import ENTRYPOINT, HOME, RUN_ID
from deployments.worker.spared import CHECKED, spare_certificates
from deployments.worker.wake import Wake
from liftgate.integrations.runs.prefect import Prefect

ENGINE = ("-m", "prefect.engine")
OURS = frozenset(f"flows.{name}.{name}" for name in ("promote", "update", "rollback", "nightly"))


class WarmJobConfiguration(ProcessJobConfiguration):
    """A job without a command of its own gets the engine's; Prefect's default starts two interpreters.

    One of our own flows is imported from the worker's own installation at once.
    """

    def prepare_for_flow_run(
        self, flow_run: FlowRun, deployment: DeploymentResponse | None = None, *arguments: Any, **named: Any
    ) -> None:
        self.command = self.command or " ".join([sys.executable, *ENGINE])
        super().prepare_for_flow_run(flow_run, deployment, *arguments, **named)
        self.env |= CHECKED
        home, entrypoint = os.environ.get(HOME), deployment.entrypoint if deployment else ""
        if home and entrypoint in OURS and self.env.get(HOME) == home:
            self.env |= {ENTRYPOINT: entrypoint}
            self.working_dir = self.working_dir or Path(home)


class WarmWorker(ProcessWorker):
    """Takes the runs of an ordinary process pool."""

    job_configuration = WarmJobConfiguration

    def __init__(self, notes: Notes, **named: Any) -> None:
        super().__init__(**named)
        self._notes = notes
        self._looking = asyncio.Lock()

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """One look at a time: an answer from before another look's starts would start those again."""
        async with self._looking:
            return await super().get_and_submit_flow_runs()

    async def _propose_pending_state(self, flow_run: FlowRun) -> bool:
        """Noted before Prefect hears of it: a host that dies in between would leave it pending for ever."""
        run, count = str(flow_run.id), flow_run.run_count
        self._notes.claimed(run, count)
        ours = await super()._propose_pending_state(flow_run)
        if ours:
            self._notes.got(run, count)
        else:  # also when the answer was lost, and the run is pending because of us
            self._notes.left(run, count)
        return ours

    async def _submit_run_and_capture_errors(self, flow_run: FlowRun, *arguments: Any, **named: Any) -> Any:
        """Left when Prefect was told of the end, as far as that was possible."""
        try:
            return await super()._submit_run_and_capture_errors(flow_run, *arguments, **named)
        finally:
            self._notes.left(str(flow_run.id), flow_run.run_count)

    async def _propose_submitting_state(self, flow_run: FlowRun) -> None:
        """A state between Pending and Running that says nothing more, and that a person would wait for."""

    async def _give_worker_labels_to_flow_run(self, flow_run_id: UUID) -> None:
        """Beside the start: Prefect's pages show them, nothing else needs them."""
        if self._runs_task_group:
            self._runs_task_group.start_soon(super()._give_worker_labels_to_flow_run, flow_run_id)

    @classmethod
    def __dispatch_key__(cls) -> str:
        return "liftgate"  # beside Prefect's own process worker, not instead of it


class WarmOrCold:
    """Prefect's `run_process` for the engine's command; the rest, and runs without a zygote, start cold."""

    def __init__(self, zygote: Zygote, notes: Notes) -> None:
        self._zygote, self._notes = zygote, notes

    async def __call__(
        self,
        command: list[str],
        *,
        task_status: TaskStatus[Any],
        task_status_handler: Callable[[Any], Any],
        env: Mapping[str, str],
        cwd: Path,
        **more: Any,
    ) -> object:
        def begun(process: Any) -> Any:
            if run := env.get(RUN_ID):
                self._notes.begun(run, process.pid)
            return task_status_handler(process)

        process = await self._warm(command, cwd, env)
        if process is None:
            more |= {"task_status": task_status, "task_status_handler": begun, "env": env, "cwd": cwd}
            return await run_process(command, **more)
        task_status.started(begun(process))
        await process.wait()
        return process

    async def _warm(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> WarmProcess | None:
        if tuple(command[1:]) != ENGINE:
            return None
        try:
            return await self._zygote.launch(command, folder, environment)
        except NotWarm as reason:
            print(f"cold start, because the warm one failed: {reason}", file=sys.stderr, flush=True)
            return None


async def serve(zygote: Zygote, *, pool: str, name: str | None) -> None:
    """Work until SIGTERM or SIGINT."""
    spare_certificates()
    notes = Notes(get_current_settings().home / "runs" / pool)
    setattr(_starter_engine, "run_process", WarmOrCold(zygote, notes))  # noqa: B010 - mypy has no other word for a patch
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings = get_current_settings().worker
    worker = WarmWorker(
        notes,
        work_pool_name=pool,
        name=name,
        prefetch_seconds=settings.prefetch_seconds,
        heartbeat_interval_seconds=int(settings.heartbeat_seconds),
    )
    api = get_current_settings().api
    secret = api.auth_string.get_secret_value() if api.auth_string else ""
    Orphans(Prefect(str(api.url), secret, pool), notes).start()
    async with asyncio.TaskGroup() as both:  # an end ends both at once: nothing is begun by a worker that is ending
        wake = both.create_task(Wake(pool, worker.get_and_submit_flow_runs).forever())
        both.create_task(worker.start()).add_done_callback(lambda _: wake.cancel())
