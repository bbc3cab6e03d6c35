"""The worker that runs flows, and how often it polls for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import httpx

from liftgate.integrations.http import trusted
from liftgate.integrations.runs.prefect import credentials
from liftgate.runtime.prefect_server import Access, client_environment
from liftgate.runtime.program import Program
from liftgate.runtime.project import python_path
from liftgate.runtime.worker_name import new_worker_name

POLLING = {"PREFECT_WORKER_QUERY_SECONDS": "3", "PREFECT_WORKER_PREFETCH_SECONDS": "3"}
"""For runs scheduled ahead; a run that is due now wakes the worker at once. Prefect answers a poll with a dozen
statements and two background tasks."""


class Worker:
    """Liftgate's own worker of `pool`; it creates the pool if needed.

    `warm` forks flows from a process that has imported everything; otherwise each flow imports Prefect itself.
    `settings` are more variables for the worker and its flows, such as its own settings of Liftgate; they override
    the inherited ones, which are `environ` or this process's variables.
    """

    module = "worker"

    def __init__(
        self,
        folder: Path,
        prefect: Access,
        pool: str,
        *,
        warm: bool = True,
        settings: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.pool = pool
        self._prefect = prefect
        self._warm = warm
        self._settings = settings or {}
        self._environ = environ
        self._temporary = folder / "tmp"

    def programs(self) -> Iterable[Program]:
        """The worker gets a new name each time."""
        self._temporary.mkdir(parents=True, exist_ok=True)
        name = new_worker_name()
        yield Program(
            name="worker",
            command=[sys.executable, *self._start(name)],
            folder=self.folder,
            environment=self.environment(),
            is_ready=partial(self._is_online, name),
            stop_within=40.0,
        )

    def environment(self) -> dict[str, str]:
        ours = client_environment(self.folder, self._prefect, self._environ)
        # Prefect uses one folder in the machine's /tmp, and only the user who created it may write there
        temporary = {"TMPDIR": str(self._temporary)}
        paths = {"PYTHONPATH": python_path(), "LIFTGATE_HOME": python_path()}
        return {**ours, **POLLING, **paths, **temporary, **self._settings}

    def _start(self, name: str) -> list[str]:
        cold = () if self._warm else ("--cold",)
        return ["-m", self.module, "--pool", self.pool, "--name", name, *cold]

    def _is_online(self, name: str) -> bool:
        """Whether Prefect lists this worker in the pool."""
        url = f"{self._prefect.url}/work_pools/{self.pool}/workers/filter"
        auth = credentials(self._prefect.secret)
        try:
            answer = httpx.post(url, json={}, auth=auth, timeout=2.0, verify=trusted(), trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200 and any(found["name"] == name for found in answer.json())
