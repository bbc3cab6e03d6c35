"""A Prefect server of our own: its settings, its secret, its database, its readiness."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from liftgate.errors import Unavailable
from liftgate.runtime import prefect_secret, record
from liftgate.runtime.environment import without_loopback_proxy
from liftgate.runtime.own_settings import without_settings
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
    # Prefect's pages ask the host they came from, under whatever name and through whatever tunnel: nothing of theirs
    # is cross-origin.
    "PREFECT_UI_API_URL": "/api",
    # No CSRF tokens. They guard what a browser adds by itself, and it adds nothing: there is no cookie, and the 401
    # offers no sign-in that a browser would remember; Prefect's pages put the secret into a header. Tokens would cost
    # a write for each of the five or six clients of a run, and our own client would have to fetch and renew them.
    "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "false",
}
SQLITE = "SQLite answers 503 as soon as two callers write; use it to look around, not to release"
OF_ANOTHER_SERVER = ("PREFECT_PROFILE", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING", "PREFECT_SERVER_API_AUTH_STRING")
"""What would make a client of our server one of another."""


@dataclass(frozen=True)
class Access:
    """Where the API of a Prefect server is, and the `user:password` it asks for; empty if it asks for none."""

    url: str
    secret: str = field(default="", repr=False)


class PrefectServer:
    """Prefect's API and pages on a loopback port; the one that runs from `folder` already, if any.

    `database` is None for the embedded Postgres, "sqlite" for a file, else a team's own SQLAlchemy URL.
    `settings` are more PREFECT_* variables; they win. `environ` is what it inherits, by default this process's
    variables. `durable=False` trades safety at a power cut for speed.

    Every caller of Prefect can start programs with the worker's keys. So it listens on this machine alone, answers
    only callers that know its secret, and lets only its own pages read the answers.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        database: str | None = None,
        *,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.port = urlsplit(running(folder)).port or port
        self._settings = settings or {}
        self._environ = os.environ if environ is None else environ
        self._postgres = EmbeddedPostgres(folder, durable=durable) if database is None else None
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
        """Raises Misconfigured when the file of the secret is broken."""
        return Access(self.api_url, prefect_secret.made(self.folder))

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
        """The server's variables: those it inherits, with ours over them."""
        ours = client_environment(self.folder, Access(self.api_url), self._environ)
        protection = {
            "PREFECT_SERVER_API_AUTH_STRING": self.access.secret,
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": self.ui_url,
        }
        database = {"PREFECT_SERVER_DATABASE_CONNECTION_URL": self._database}
        return {**ours, **SETTINGS, **protection, **database, **self._settings}

    def _answers(self) -> bool:
        return answers(f"{self.api_url}/health")


def running(folder: Path) -> str:
    """The API's address of the server that runs from the folder; empty when none does."""
    found = record.read(folder, NAME)
    return found.details["api_url"] if found else ""


def client_environment(folder: Path, access: Access, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables of any process that speaks to this server and no other: a worker, a flow, a deploy.

    Of Liftgate's settings it inherits none.
    """
    ours = {
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": access.url,
        "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",  # the server has none: no client needs to ask it for a token
        "DO_NOT_TRACK": "1",
    }
    if access.secret:
        ours["PREFECT_API_AUTH_STRING"] = access.secret
    if access.url.startswith("http://"):
        ours["PREFECT_API_TLS_INSECURE_SKIP_VERIFY"] = "true"  # nothing to verify; saves reading all certificates
    inherited = without_settings(os.environ if environ is None else environ)
    return without_loopback_proxy({k: v for k, v in inherited.items() if k not in OF_ANOTHER_SERVER} | ours)
