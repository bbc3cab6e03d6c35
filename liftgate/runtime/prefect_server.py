"""A Prefect server of our own: its settings, its database, its readiness."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from liftgate.errors import Unavailable
from liftgate.runtime import record
from liftgate.runtime.environment import without_loopback_proxy
from liftgate.runtime.ports import LOOPBACK, answers, is_listening
from liftgate.runtime.postgres import EmbeddedPostgres
from liftgate.runtime.program import Program

NAME = "prefect-server"
SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the older pages show a waiting run's Resume button at once
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "true",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "5",
    # one write for many states of tasks, not one for each; the seconds are whole ones: of a half Prefect makes none
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_CLI_COLORS": "false",
}


class PrefectServer:
    """Prefect's API and pages on a loopback port; the one that runs from `folder` already, if any.

    `database` is None for the embedded Postgres, "sqlite" for a file, else a team's own SQLAlchemy URL.
    `settings` are more PREFECT_* variables; they win. `durable=False` trades safety at a power cut for speed.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        database: str | None = None,
        *,
        durable: bool = True,
        settings: dict[str, str] | None = None,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.port = _running_port(folder) or port
        self._settings = settings or {}
        self._postgres = EmbeddedPostgres(folder, durable=durable) if database is None else None
        if database == "sqlite":
            warn("SQLite answers 503 as soon as two callers write; use it to look around, not to release")
            database = f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
        self._database = self._postgres.url if self._postgres else str(database)

    @property
    def ui_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.ui_url}/api"

    def programs(self) -> Iterable[Program]:
        """Raises Unavailable when somebody else has the port."""
        if is_listening(self.port) and not self._answers():
            raise Unavailable(f"port {self.port} is taken by another program; choose another")
        if self._postgres:
            yield from self._postgres.programs()
        yield Program(
            name=NAME,
            command=[
                sys.executable,
                "-m",
                "prefect",
                "server",
                "start",
                "--host",
                LOOPBACK,
                "--port",
                str(self.port),
            ],
            folder=self.folder,
            environment=self.environment(),
            is_ready=self._answers,
            details={"api_url": self.api_url},
        )

    def environment(self) -> dict[str, str]:
        """The server's variables: those of this process, with ours over them."""
        ours = client_environment(self.folder, self.api_url)
        database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": self._database}
        return {**ours, **SETTINGS, **database, **self._settings}

    def _answers(self) -> bool:
        return answers(f"{self.api_url}/health")


def _running_port(folder: Path) -> int | None:
    found = record.read(folder, NAME)
    return urlsplit(found.details["api_url"]).port if found else None


def client_environment(folder: Path, api_url: str) -> dict[str, str]:
    """The variables of any process that speaks to this server and no other: a worker, a flow, a deploy."""
    ours = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "DO_NOT_TRACK": "1",
    }
    if api_url.startswith("http://"):
        ours["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "true"  # nothing to verify; saves reading all certificates
    inherited = {k: v for k, v in os.environ.items() if k not in ("PREFECT_PROFILE", "PREFECT_API_KEY")}
    return without_loopback_proxy({**inherited, **ours})
