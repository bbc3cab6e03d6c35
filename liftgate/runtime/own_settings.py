"""Which settings each program gets: only its own.

A worker signs commits and outcomes, the Liftgate server signs votes and requests: neither ever has the other's key.
Postgres, the Prefect server and the sandbox get no settings. A new setting needs a line here; a test checks this.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from liftgate.runtime.watchdog import MARK
from liftgate.settings import Settings, to_variables

Program = Literal["up", "Prefect server", "worker", "server"]
"""`up` configures the Prefect server with Prefect's own variables."""

UP: Final[frozenset[Program]] = frozenset({"up"})
WORKER: Final[frozenset[Program]] = frozenset({"worker"})
SERVER: Final[frozenset[Program]] = frozenset({"server"})
BOTH: Final = WORKER | SERVER

STATE: Final = "LIFTGATE_STATE"

PROGRAMS: Final[Mapping[str, frozenset[Program]]] = {
    "LIFTGATE_REPOSITORY__URL": BOTH,
    "LIFTGATE_REPOSITORY__BRANCH": BOTH,
    "LIFTGATE_REPOSITORY__TOKEN": BOTH,  # the Liftgate server pushes drift records and pauses
    "LIFTGATE_REPOSITORY__USER": BOTH,
    "LIFTGATE_REPOSITORY__SSH_KEY": BOTH,  # as with the token
    "LIFTGATE_REPOSITORY__KNOWN_HOSTS": BOTH,
    "LIFTGATE_ARGOCD__URL": BOTH,
    "LIFTGATE_ARGOCD__TOKEN": BOTH,  # the Liftgate server watches for drift
    "LIFTGATE_ARGOCD__PROJECT": BOTH,
    "LIFTGATE_ARGOCD__WEBHOOK_SECRET": SERVER,
    "LIFTGATE_ARGOCD__INSECURE": BOTH,
    "LIFTGATE_ARGOCD__FAILING_PODS_SECONDS": WORKER,
    "LIFTGATE_ARGOCD__SUSPENDED": WORKER,
    "LIFTGATE_FORGE__KIND": BOTH,
    "LIFTGATE_FORGE__URL": BOTH,
    "LIFTGATE_FORGE__REPOSITORY": BOTH,
    "LIFTGATE_FORGE__TOKEN": BOTH,  # the Liftgate server reads reviews
    "LIFTGATE_FORGE__APP_ID": BOTH,
    "LIFTGATE_FORGE__APP_KEY": BOTH,
    "LIFTGATE_FORGE__CHECKS_DEADLINE": WORKER,
    "LIFTGATE_FORGE__WEBHOOK_SECRET": SERVER,
    "LIFTGATE_SLACK__BOT_TOKEN": BOTH,
    "LIFTGATE_SLACK__SIGNING_SECRET": SERVER,
    "LIFTGATE_SLACK__APP_TOKEN": SERVER,
    "LIFTGATE_SLACK__CHANNEL": BOTH,
    "LIFTGATE_SLACK__WORKSPACE": SERVER,
    "LIFTGATE_SLACK__URL": BOTH,
    "LIFTGATE_WORKER__SIGNING_KEY": WORKER,
    "LIFTGATE_WORKER__NAME": WORKER,
    "LIFTGATE_WORKER__EMAIL": BOTH,  # the Liftgate server uses it in commits for a person without an address
    "LIFTGATE_WORKER__COMMANDS": WORKER,
    "LIFTGATE_WORKER__LIMIT": WORKER,
    "LIFTGATE_WORKER__PASS_ON": WORKER,
    "LIFTGATE_SERVER__URL": BOTH,  # the worker's messages link to it
    "LIFTGATE_SERVER__SESSION_HOURS": SERVER,
    "LIFTGATE_SERVER__DATABASE": SERVER,
    "LIFTGATE_SERVER__OIDC__ISSUER": SERVER,
    "LIFTGATE_SERVER__OIDC__CLIENT_ID": SERVER,
    "LIFTGATE_SERVER__OIDC__CLIENT_SECRET": SERVER,
    "LIFTGATE_SERVER__OIDC__SCOPES": SERVER,
    "LIFTGATE_SERVER__OIDC__CLAIM": SERVER,
    "LIFTGATE_SERVER__OIDC__NAME": SERVER,
    "LIFTGATE_SERVER__SIGNING_KEY": SERVER,
    "LIFTGATE_SERVER__EMAIL": SERVER,
    "LIFTGATE_SERVER__TRUSTED_HEADER": SERVER,
    "LIFTGATE_SERVER__TRUSTED_PROXIES": SERVER,
    "LIFTGATE_SERVER__RECOVERY_SECONDS": SERVER,
    "LIFTGATE_SERVER__DRIFT_SECONDS": SERVER,
    "LIFTGATE_PREFECT__API_URL": BOTH,
    "LIFTGATE_PREFECT__AUTH_STRING": BOTH,
    "LIFTGATE_PREFECT__UI_URL": SERVER,
    "LIFTGATE_PREFECT__NAME": BOTH,
    "LIFTGATE_PREFECT__DATABASE": UP,
    "LIFTGATE_PREFECT__REDIS": UP,
    "LIFTGATE_PREFECT__LIMIT": UP,
    "LIFTGATE_PREFECT__RETENTION_DAYS": UP,
    "LIFTGATE_PROMETHEUS__URL": WORKER,
    "LIFTGATE_PROMETHEUS__TOKEN": WORKER,
    "LIFTGATE_SOPS__AGE_KEY": WORKER,
    "LIFTGATE_SOPS__PASS_ON": WORKER,
    STATE: BOTH,
    "LIFTGATE_SYNC_DEADLINE": BOTH,
    "LIFTGATE_VERIFY_DEADLINE": BOTH,
    "LIFTGATE_GATE_DEADLINE": BOTH,
}


PATHS: Final = {
    "LIFTGATE_REPOSITORY__URL",
    "LIFTGATE_FORGE__APP_KEY",
    "LIFTGATE_REPOSITORY__SSH_KEY",
    "LIFTGATE_REPOSITORY__KNOWN_HOSTS",
    "LIFTGATE_WORKER__SIGNING_KEY",
    "LIFTGATE_SERVER__SIGNING_KEY",
    "LIFTGATE_SOPS__AGE_KEY",
    STATE,
}
"""These may be paths. They become absolute: a program runs in another folder than the command that starts it."""

NO_SETTINGS: Final = {"LIFTGATE_DEBUG", MARK}
"""Named like settings, but every program may see them."""


def own(program: Program, settings: Settings) -> dict[str, str]:
    """The variables of the program's own settings that are set; paths are absolute."""
    found = {name: value for name, value in to_variables(settings).items() if program in PROGRAMS[name]}
    return {name: _absolute(name, value) if name in PATHS else value for name, value in found.items()}


def environment(program: Program, settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with the program's own settings, and without those of other programs.

    The Liftgate server reaches Prefect through our settings, so it does not get Prefect's own variables.
    """
    others = () if program == "worker" else settings.sops.pass_on
    kept = {name: value for name, value in without_settings(environ).items() if name not in others}
    if program == "server":
        kept = {name: value for name, value in kept.items() if not name.startswith("PREFECT_")}
    return kept | own(program, settings)


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without variables of Liftgate in any case. A misspelled one goes too: it can hold a secret."""
    return {
        name: value
        for name, value in environ.items()
        if name in NO_SETTINGS or not name.upper().startswith("LIFTGATE_")
    }


def _absolute(name: str, value: str) -> str:
    """Absolute if it is a path; a key or a URL stays unchanged."""
    try:
        path = Path(value).expanduser().absolute()
        return str(path) if value and (name == STATE or path.exists()) else value
    except (OSError, RuntimeError):  # the text of a key can be too long for a path, or name a home that does not exist
        return value
