"""A forked process becomes what `python -m prefect.engine` would have been, without its imports."""

from __future__ import annotations

import atexit
import importlib
import os
import runpy
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import NoReturn

from deployments.worker import sources
from deployments.worker.heartbeat import prompt_heartbeats
from deployments.worker.spared import CHECKED, spare_certificates, spare_storage


def become(arguments: list[str], folder: str, environment: Mapping[str, str]) -> NoReturn:
    """Run the module that `arguments` (`python -m MODULE …`) name; exits as an interpreter would."""
    try:
        _settle(folder, environment)
        if sources.ENTRYPOINT in environment:
            importlib.import_module(sources.AHEAD).look(environment[sources.RUN_ID])
        code = _run(arguments)
        threading._shutdown()  # type: ignore[attr-defined] # noqa: SLF001 - what the interpreter does at its end
        atexit._run_exitfuncs()  # noqa: SLF001 - as above; it sends the last logs and events
    except BaseException:  # noqa: BLE001 - the edge of a process
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settle(folder: str, environment: Mapping[str, str]) -> None:
    """Working directory, environment, import path and Prefect's settings of the run."""
    known = prefect_settings(os.environ)
    parent_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    other_project = environment.get(sources.HOME) != os.environ.get(sources.HOME)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    inherited = [entry for entry in sys.path[1:] if entry not in parent_path]
    asked = [entry for entry in environment.get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:] = [folder, *asked, *inherited]
    if other_project:
        sources.forget()
    if prefect_settings(environment) != known:
        refresh()


def refresh() -> None:
    """Let Prefect read its settings and set up its logging from the environment as it is; takes 0.1 s."""
    importlib.import_module("prefect.context").refresh_global_settings_context()
    importlib.import_module("prefect.logging.configuration").setup_logging()


def rehearse() -> None:
    """In the zygote: take the settings that the worker will send with every ordinary run."""
    settings = importlib.import_module("prefect.settings").get_current_settings()
    os.environ.update(settings.to_environment_variables(exclude_unset=True) | CHECKED)
    refresh()
    setattr(importlib.import_module("prefect.flow_engine"), "_send_heartbeats", prompt_heartbeats)  # noqa: B010
    spare_certificates()
    spare_storage()


def prefect_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables Prefect reads as settings; two underscores are messages to one run."""
    names = [name for name in environment if name.startswith("PREFECT_") and not name.startswith("PREFECT__")]
    return {name: environment[name] for name in names}


def _run(arguments: list[str]) -> int:
    module = arguments[2]
    sys.argv = arguments[2:]
    sys.modules.pop(module, None)  # run as a program it is another module, as in a fresh interpreter
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
