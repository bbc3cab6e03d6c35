"""Which settings each program gets: its own, and no others.

A worker signs commits and outcomes, the gatehouse votes and requests: neither ever holds the other's key. Postgres,
the Prefect server and the sandbox get none of them. A new setting needs a line here; a test asks for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from liftgate.runtime.watchdog import MARK
from liftgate.settings import Settings, to_variables

Program = Literal["up", "Prefect server", "worker", "gatehouse"]
"""What the Prefect server needs, `up` tells it in Prefect's own variables."""

UP: Final[frozenset[Program]] = frozenset({"up"})
WORKER: Final[frozenset[Program]] = frozenset({"worker"})
GATEHOUSE: Final[frozenset[Program]] = frozenset({"gatehouse"})
BOTH: Final = WORKER | GATEHOUSE

STATE: Final = "LIFTGATE_STATE"

PROGRAMS: Final[Mapping[str, frozenset[Program]]] = {
    "LIFTGATE_REPOSITORY__URL": BOTH,
    "LIFTGATE_REPOSITORY__BRANCH": BOTH,
    "LIFTGATE_REPOSITORY__TOKEN": BOTH,  # the gatehouse pushes drift records and stops
    "LIFTGATE_REPOSITORY__USER": BOTH,
    "LIFTGATE_ARGOCD__URL": BOTH,
    "LIFTGATE_ARGOCD__TOKEN": BOTH,  # the gatehouse watches for drift
    "LIFTGATE_ARGOCD__PROJECT": BOTH,
    "LIFTGATE_ARGOCD__WEBHOOK_SECRET": GATEHOUSE,
    "LIFTGATE_ARGOCD__INSECURE": BOTH,
    "LIFTGATE_ARGOCD__FAILING_PODS_SECONDS": WORKER,
    "LIFTGATE_ARGOCD__SUSPENDED": WORKER,
    "LIFTGATE_FORGE__KIND": BOTH,
    "LIFTGATE_FORGE__URL": BOTH,
    "LIFTGATE_FORGE__REPOSITORY": BOTH,
    "LIFTGATE_FORGE__TOKEN": BOTH,  # the gatehouse reads reviews
    "LIFTGATE_FORGE__WEBHOOK_SECRET": GATEHOUSE,
    "LIFTGATE_SLACK__BOT_TOKEN": BOTH,
    "LIFTGATE_SLACK__SIGNING_SECRET": GATEHOUSE,
    "LIFTGATE_SLACK__APP_TOKEN": GATEHOUSE,
    "LIFTGATE_SLACK__CHANNEL": BOTH,
    "LIFTGATE_SLACK__URL": BOTH,
    "LIFTGATE_WORKER__SIGNING_KEY": WORKER,
    "LIFTGATE_WORKER__NAME": WORKER,
    "LIFTGATE_WORKER__EMAIL": BOTH,  # the gatehouse's commits have it for a person without an address
    "LIFTGATE_WORKER__COMMANDS": WORKER,
    "LIFTGATE_GATEHOUSE__URL": BOTH,  # the worker's messages link to it
    "LIFTGATE_GATEHOUSE__SIGNING_KEY": GATEHOUSE,
    "LIFTGATE_GATEHOUSE__EMAIL": GATEHOUSE,
    "LIFTGATE_GATEHOUSE__TRUSTED_HEADER": GATEHOUSE,
    "LIFTGATE_GATEHOUSE__TRUSTED_PROXIES": GATEHOUSE,
    "LIFTGATE_GATEHOUSE__SWEEP_SECONDS": GATEHOUSE,
    "LIFTGATE_GATEHOUSE__DRIFT_SECONDS": GATEHOUSE,
    "LIFTGATE_PREFECT__API_URL": BOTH,
    "LIFTGATE_PREFECT__AUTH_STRING": BOTH,
    "LIFTGATE_PREFECT__UI_URL": GATEHOUSE,
    "LIFTGATE_PREFECT__NAME": BOTH,
    "LIFTGATE_PREFECT__DATABASE": UP,
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
    "LIFTGATE_WORKER__SIGNING_KEY",
    "LIFTGATE_GATEHOUSE__SIGNING_KEY",
    "LIFTGATE_SOPS__AGE_KEY",
    STATE,
}
"""These may be paths, and a program works in another folder than the command that starts it."""

NO_SETTINGS: Final = {"LIFTGATE_DEBUG", MARK}
"""Called like settings, and every program may see them."""


def own(program: Program, settings: Settings) -> dict[str, str]:
    """The variables of the program's own settings, as far as they are set; paths are absolute."""
    found = {name: value for name, value in to_variables(settings).items() if program in PROGRAMS[name]}
    return {name: _absolute(name, value) if name in PATHS else value for name, value in found.items()}


def environment(program: Program, settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with the program's own settings, and with nothing that is meant for another program.

    The gatehouse asks Prefect by our settings, so Prefect's own variables are not for it.
    """
    others = () if program == "worker" else settings.sops.pass_on
    kept = {name: value for name, value in without_settings(environ).items() if name not in others}
    if program == "gatehouse":
        kept = {name: value for name, value in kept.items() if not name.startswith("PREFECT_")}
    return kept | own(program, settings)


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without any setting of Liftgate, in whatever case. A misspelled one can be a secret all the same."""
    return {
        name: value
        for name, value in environ.items()
        if name in NO_SETTINGS or not name.upper().startswith("LIFTGATE_")
    }


def _absolute(name: str, value: str) -> str:
    """A key or an address that is no path here stays as it is."""
    try:
        path = Path(value).expanduser().absolute()
        return str(path) if value and (name == STATE or path.exists()) else value
    except (OSError, RuntimeError):  # the text of a key can be too long for a path, or name a home that does not exist
        return value
