"""Turns a forked process into that of one flow, without the time for imports."""

from __future__ import annotations

import atexit
import importlib
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import NoReturn

from worker import stuck
from worker.engine import Start
from worker.heartbeat import prompt_heartbeats
from worker.skipped_requests import CHECKED, spare_certificates, spare_storage
from worker.suspension import occasional_looks
from worker.task_events import FewerEvents, related_run


def become(start: Start, flow: str, run: str, folder: str, environment: Mapping[str, str]) -> NoReturn:
    """Run the flow and exit as an interpreter would."""
    try:
        _settle(folder, environment)
        stuck.watch()
        code = _code(start, flow, run)
        threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001 - what the interpreter does at its end
        atexit._run_exitfuncs()  # noqa: SLF001 - as above; it sends the last logs and events
    except BaseException:  # noqa: BLE001 - the edge of a process
        stuck.end(1, _say_all)
    stuck.end(code, _flush)


def _say_all() -> None:
    traceback.print_exc()
    _flush()


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()


def _settle(folder: str, environment: Mapping[str, str]) -> None:
    """Set the run's working directory, environment and import path. Prefect has read its settings already."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.path[0] = folder


def _code(start: Start, flow: str, run: str) -> int:
    try:
        start(flow, run)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def rehearse() -> None:
    """In the zygote: apply the settings that the worker sends with every run."""
    settings = importlib.import_module("prefect.settings").get_current_settings()
    os.environ.update(settings.to_environment_variables(exclude_unset=True) | CHECKED)
    importlib.import_module("prefect.context").refresh_global_settings_context()
    importlib.import_module("prefect.logging.configuration").setup_logging()
    lighten()
    spare_certificates()
    spare_storage()


def lighten() -> None:
    """In the zygote: what the engine does beside a flow takes less time."""
    flows, tasks = importlib.import_module("prefect.flow_engine"), importlib.import_module("prefect.task_engine")
    setattr(flows, "_send_heartbeats", prompt_heartbeats)  # noqa: B010 - mypy accepts no other form of a patch
    setattr(flows, "observe_flow_run_suspension", occasional_looks)  # noqa: B010 - as above
    emit = tasks.emit_task_run_state_change_event
    setattr(tasks, "emit_task_run_state_change_event", FewerEvents(emit))  # noqa: B010 - as above
    events = importlib.import_module("prefect.events.worker")
    setattr(events, "related_resources_from_run_context", related_run)  # noqa: B010 - as above
    loops = importlib.import_module("prefect._internal.concurrency.threads").EventLoopThread
    setattr(loops, "_entrypoint", stuck.ending(loops._entrypoint))  # noqa: B010, SLF001 - as above
    logging.getLogger("prefect.task_runs").addFilter(tells_something)


def tells_something(line: logging.LogRecord) -> bool:
    """Not so the line for each task that it has ended well: Prefect's pages show that as the task's state."""
    return line.levelno > logging.INFO or line.funcName != "log_finished_message"
