"""Prefect's clients that verify nothing read no certificates.

Told not to verify, Prefect reads all of the machine's certificates and then ignores them, anew for each of the five or
six clients of a run: 0.03 s each, one after the other.
"""

from __future__ import annotations

import importlib
import ssl
from types import ModuleType
from typing import Any

MODULES = ("prefect.client.orchestration", "prefect._internal.version_checking")
"""In both, a context without `cafile` is one that verifies nothing."""


def spare_certificates() -> None:
    """In the zygote; every other module of the process keeps the real `ssl`."""
    own = ModuleType("ssl")
    vars(own).update(vars(ssl), create_default_context=_context)
    for name in MODULES:
        setattr(importlib.import_module(name), "ssl", own)  # noqa: B010 - mypy has no other word for a patch


def _context(*arguments: Any, **named: Any) -> ssl.SSLContext:
    if arguments or named:
        return ssl.create_default_context(*arguments, **named)
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, and trusts nobody, until Prefect turns that off
