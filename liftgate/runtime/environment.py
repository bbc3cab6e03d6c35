"""Which of the caller's environment variables a program may see."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

FOREIGN = ("PREFECT_", "LIFTGATE_", "ARGOCD_", "GIT_", "PYTEST_", "COV_")
"""Prefixes of variables that would make a checkout's commands use real servers or their settings."""
INTERPRETER = (
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONWARNINGS",
    "VIRTUAL_ENV",
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def scrubbed(environ: Mapping[str, str], *, keep: Iterable[str] = ()) -> dict[str, str]:
    """`environ` without foreign settings, without a git configuration, and without a proxy for this machine.

    A proxy for other machines stays: downloads need it.
    """
    wanted = frozenset(keep)
    kept = {
        name: value
        for name, value in environ.items()
        if name in wanted or not (name.startswith(FOREIGN) or name in INTERPRETER)
    }
    no_git = dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull)
    return without_loopback_proxy({**kept, **no_git, "GIT_TERMINAL_PROMPT": "0"})


def without_loopback_proxy(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with both spellings of NO_PROXY, so that no HTTP client uses a proxy for this machine."""
    named = f"{environ.get('NO_PROXY', '')},{environ.get('no_proxy', '')}".split(",")
    hosts = ",".join(dict.fromkeys([host for host in named if host] + list(LOOPBACK)))
    return {**environ, "NO_PROXY": hosts, "no_proxy": hosts}
