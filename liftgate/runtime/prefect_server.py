"""Our own Prefect server: its settings, secret, database and readiness."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from liftgate.domain.runs import capacity
from liftgate.errors import Unavailable
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.environment import without_loopback_proxy
from liftgate.runtime.own_settings import without_settings
from liftgate.runtime.ports import LOOPBACK, answers, is_listening
from liftgate.runtime.postgres import EmbeddedPostgres
from liftgate.runtime.program import Program
from liftgate.runtime.project import python_path

NAME = "prefect-server"
DAY = 86400
SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_UI_V2_ENABLED": "false",  # the older pages show a waiting run's Resume button at once
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "true",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "5",
    # one write for many task states, not one for each; Prefect only takes whole seconds and rounds a half down to zero
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_CLI_COLORS": "false",
    # Prefect's pages call the host that they came from, also under another name or through a tunnel: no request is
    # cross-origin.
    "PREFECT_UI_API_URL": "/api",
    # No CSRF tokens. They protect credentials that a browser adds by itself, and there are none: no cookie, and the 401
    # offers no sign-in that a browser would remember; Prefect's pages put the secret into a header. Tokens would cost
    # a write for each of the five or six clients of a run, and our own client would have to fetch and renew them.
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "false",
}
UNUSED = {
    # neither Liftgate nor its flows use blocks, whose kinds take a second to write at the first start; Prefect's page
    # of blocks is empty
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # Liftgate has no automations: without triggers, no event is compared with any
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    # a run causes some 30 events, and Liftgate reads only those that arrive: none is stored
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
    # for Prefect's own workers, which are told over a channel to remove containers
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "15",
}
"""What costs processor time at the start, for every run or all the time. A variable of the same name switches it on."""
SQLITE = "with SQLite, Prefect returns 503 when two clients write at once; use it to try Liftgate, not in production"
OF_ANOTHER_SERVER = ("PREFECT_PROFILE", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING")
"""Variables that would make a client of our server use another server."""


@dataclass(frozen=True)
class Access:
    """The URL of a Prefect server's API, and the `user:password` that it requires; empty if none."""

    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Limits:
    """How many runs go on at once, and the days that an ended run is kept."""

    runs: int = capacity.POOL
    days: float = 30.0

    @property
    def most_connections(self) -> int:
        """Of Prefect's server to its database."""
        return sum(capacity.connections(self.runs))

    def variables(self) -> dict[str, str]:
        """Prefect's settings: connections to the database, and what its vacuum removes: runs that ended long ago, with
        their logs and artifacts, and events. A run that has not ended is never removed."""
        kept, more = capacity.connections(self.runs)
        return {
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_POOL_SIZE": str(kept),
            "PREFECT_SERVER_DATABASE_SQLALCHEMY_MAX_OVERFLOW": str(more),
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(round(self.days * DAY)),
        }


class PrefectServer:
    """Prefect's API and pages on a loopback port; uses the port of the server that already runs from `folder`, if any.

    `database` is None for the embedded Postgres, "sqlite" for a file, else a team's own SQLAlchemy URL.
    `settings` are more PREFECT_* variables; they override others. `environ` are the variables that it inherits, by
    default those of this process. `durable=False` is faster, but a power cut may destroy the data.

    Every client of Prefect can start and cancel runs. So it listens only on this machine, answers
    only clients that know its secret, and lets only its own pages read the answers.
    """

    def __init__(  # noqa: PLR0913  all but two have defaults
        self,
        folder: Path,
        port: int,
        database: str | None = None,
        *,
        durable: bool = True,
        limits: Limits = Limits(),
        settings: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = urlsplit(running(folder)).port or port
        self._settings = settings or {}
        self._environ = os.environ if environ is None else environ
        self._limits = limits
        most = limits.most_connections
        self._postgres = EmbeddedPostgres(folder, durable=durable, connections=most) if database is None else None
        self.warning = SQLITE if database == "sqlite" else ""
        sqlite = f"sqlite+aiosqlite:///{folder / 'prefect.db'}"
        self._database = self._postgres.url if self._postgres else sqlite if self.warning else str(database)

    @property
    def ui_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def api_url(self) -> str:
        return f"{self.ui_url}/api"

    @cached_property
    def access(self) -> Access:
        """Raises Misconfigured when the secret's file is invalid."""
        return Access(self.api_url, prefect_secret.made(self.folder))

    def programs(self) -> Iterable[Program]:
        """Raises Unavailable when another program uses the port."""
        if is_listening(self.port) and not self._answers():
            raise Unavailable(f"another program uses port {self.port}; choose another port")
        if self._postgres:
            yield from self._postgres.programs()
        yield Program(
            name=NAME,
            command=[
                sys.executable,
                "-m",
                "liftgate.runtime.prefect_program",
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
        """The server's variables: inherited ones, overridden by ours; of UNUSED, those that are not inherited."""
        ours = client_environment(self.folder, Access(self.api_url), self._environ)
        protection = {
            "PREFECT_SERVER_API_AUTH_STRING": self.access.secret,
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": self.ui_url,
        }
        database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": self._database}
        theirs = {**SETTINGS, **self._limits.variables(), **protection, **database, **self._settings}
        return {**UNUSED, **ours, **theirs, "PYTHONPATH": python_path()}

    def _answers(self) -> bool:
        return answers(f"{self.api_url}/health")


def running(folder: Path) -> str:
    """The API's address of the server that runs from the folder; empty if none runs."""
    found = record.read_record(folder, NAME)
    return found.details["api_url"] if found else ""


def client_environment(folder: Path, access: Access, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of a process that uses only this server: a worker, a flow, a deployment.

    It inherits no settings of Liftgate.
    """
    ours = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": access.url,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",  # the server has no tokens, so no client needs to request one
        "DO_NOT_TRACK": "1",
    }
    if access.secret:
        ours["PREFECT_API_AUTH_STRING"] = access.secret
    if access.url.startswith("http://"):
        ours["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "true"  # nothing to verify; saves reading all certificates
    inherited = without_settings(os.environ if environ is None else environ)
    return without_loopback_proxy({k: v for k, v in inherited.items() if k not in OF_ANOTHER_SERVER} | ours)
